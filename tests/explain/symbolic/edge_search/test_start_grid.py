"""Starting values stay in the domain, and functions that behave alike share them."""

import pytest
import torch

from edgewise.explain.symbolic.edge_search.start_grid import Family, is_step, start_grid
from edgewise.functions import LIBRARY

NAMES = sorted(set(LIBRARY) - {"0", "x", "sgn"})


@pytest.mark.parametrize("name", NAMES)
def test_arguments_stay_in_the_domain(name):
    pairs, groups = start_grid(Family.of(LIBRARY[name]), 1000)
    assert len(pairs) == len(groups) > 50
    ends = pairs[:, :1] * torch.tensor([-1.0, 1.0], dtype=torch.float64) + pairs[:, 1:]
    low, high = ends.amin(1), ends.amax(1)
    inside = [(low >= start) & (high <= end) for start, end in LIBRARY[name].domain]
    assert bool(torch.stack(inside).any(0).all())


def test_functions_alike_share_a_ladder():
    families = {name: Family.of(LIBRARY[name]) for name in NAMES}
    assert families["x^2"] == families["cbrt"] != families["1/x"]
    assert families["sqrt"] == families["log"]
    assert families["tanh"] == families["gaussian"] != families["sinc"]
    assert families["sinc"].oscillates
    assert not families["tanh"].oscillates


def test_only_the_sign_is_a_step():
    assert [name for name in LIBRARY if is_step(LIBRARY[name])] == ["sgn"]
