from __future__ import annotations

import sympy

from edgewise.discovery.proposal import Proposal


def test_a_proposal_says_where_it_comes_from():
    one = Proposal(sympy.Symbol("a"), 0.1, "products")
    assert (one.form, one.missed, one.source) == (sympy.Symbol("a"), 0.1, "products")
