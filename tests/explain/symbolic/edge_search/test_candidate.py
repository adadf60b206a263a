"""`Candidate`: what it holds."""

from edgewise.explain.symbolic.edge_search.candidate import Candidate
from edgewise.functions import LIBRARY


def test_candidates_are_told_apart_by_identity():
    one, other = (Candidate(LIBRARY["x"], (1.0, 0.0, 1.0, 0.0), 0.1) for _ in range(2))
    assert one != other
    assert len({one, other}) == 2
