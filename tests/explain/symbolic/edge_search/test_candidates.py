"""`candidates`: every function of a choice fitted to every edge, the shortest first, each once."""

import pytest
import torch

from edgewise.errors import UnknownName
from edgewise.explain.symbolic.edge_search.candidates import Choice, candidates
from edgewise.explain.symbolic.edge_search.description_length import candidate_bits
from edgewise.functions import LIBRARY, POLYNOMIALS, POWERS


def test_a_choice_names_functions_and_families():
    everything = Choice.of(None)
    assert everything.families == (POWERS, POLYNOMIALS)
    assert {function.name for function in everything.functions} == set(LIBRARY) - {"cos", "arccos", "sigmoid"}
    assert len(Choice.of(None, twins=True).functions) == len(LIBRARY)
    some = Choice.of(["x", "polynomial", "x^0.6", LIBRARY["sin"]])
    assert [function.name for function in some.functions] == ["x", "x^0.6", "sin"]
    assert some.families == (POLYNOMIALS,)
    assert Choice.of("x^p").families == (POWERS,)
    with pytest.raises(UnknownName):
        Choice.of(["x^q"])


def test_each_function_is_fitted_once_and_the_shortest_is_first():
    x = torch.linspace(0.1, 2, 300, dtype=torch.float64)[:, None].expand(-1, 3)
    y = torch.stack([x[:, 0] ** 0.5, x[:, 0] ** 3 - x[:, 0], torch.sin(3 * x[:, 0])], 1)
    for row, wanted in zip(candidates(x, y, Choice.of(None)), ("sqrt", "x^3", "sin"), strict=True):
        names = [one.function.name for one in row]
        assert len({(one.function, one.plain) for one in row}) == len(row)
        assert names[0].startswith(wanted)
        bits = [candidate_bits(one) for one in row]
        assert bits == pytest.approx(sorted(bits), abs=0.01)
        best = row[0]
        a, b, c, d = best.affine
        curve = y[:, ["sqrt", "x^3", "sin"].index(wanted)]
        torch.testing.assert_close(c * best.function.fn(a * x[:, 0] + b) + d, curve, atol=1e-8, rtol=0)


def test_a_family_alone_and_edges_that_do_not_vary():
    x = torch.linspace(0.1, 2, 100, dtype=torch.float64)[:, None]
    assert candidates(x, torch.ones_like(x), Choice.of("polynomial")) == [[]]
    assert {one.function.family for one in candidates(x, x**0.3, Choice.of("x^p"))[0]} == {POWERS}
