"""Choices of functions for all edges: shorter ones win, those that pass the bar before those that do not."""

import pytest
import torch

from edgewise.explain.symbolic.bar import Bar, Sample
from edgewise.explain.symbolic.choice import Option, Problem, State, kind_of
from edgewise.functions import LIBRARY, get_function, polynomial, power
from edgewise.network import build
from edgewise.train import fit


def problem(curve, options, noise=0.0):
    """A spline fitted to a curve on [0.1, 3], and what it may become."""
    x = torch.linspace(0.1, 3, 300, dtype=torch.float64)[:, None]
    y = curve(x) + noise * torch.randn(
        300, 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64
    )
    model = build([1, 1], grid=5, seed=0, dtype=torch.float64)
    fit(model, (x, y), steps=20, progress=False)
    bar = Bar(model, Sample(x, y), None, torch.tensor([noise], dtype=torch.float64), None, True)
    rows = [Option(get_function(name), affine, bits, 0.0) for name, affine, bits in options]
    return Problem(model, {(0, 0, 0): rows}, bar, True)


def name_of(state):
    return state.model.layers[0].formula.get(0, 0)[0].name


def test_another_function_is_taken_where_it_makes_the_whole_shorter():
    work = problem(
        torch.log, [("x", (1, 0, 1, 0), 1.0), ("sqrt", (1, 0, 1, 0), 2.0), ("log", (1, 0, 1, 0), 3.0)]
    )
    state = work.improved(work.state({(0, 0, 0): 0}), 10)
    assert name_of(state) == "log"
    assert state.passes
    assert state.unexplained < 1e-24


def test_splines_come_back_where_nothing_passes():
    work = problem(lambda x: torch.sin(x) + 0.3 * torch.cos(5 * x), [("x", (1, 0, 1, 0), 1.0)])
    state = work.state({(0, 0, 0): 0})
    assert not state.passes
    assert work.restored(state).choice == {}
    assert work.restored(state).model.edge_kind(0, 0, 0) == "spline"


def test_what_passes_beats_what_is_shorter():
    model = build([1, 1])
    short, good = State({}, model, 0.1, 5.0, False), State({}, model, 0.1, 50.0, True)
    assert good.beats(short)
    assert not short.beats(good)
    assert State({}, model, 0.1, 48.0, True).beats(good)
    assert not State({}, model, 0.1, 49.5, True).beats(good)


@pytest.mark.parametrize(
    ("exponent", "start", "noise"), [(0.6, 0.58, 0.0), (1.37, 1.3, 0.0), (0.6, 0.57, 0.01)]
)
def test_exponents_become_short_numbers_where_that_costs_nothing(exponent, start, noise):
    work = problem(lambda x: 2 * x**exponent, [(f"x^{start}1234567", (1, 0, 2, 0), 1.0)], noise)
    state = work.snapped(work.state({(0, 0, 0): 0}))
    assert name_of(state) == f"x^{exponent}"


def test_kinds_are_functions_or_families():
    assert [kind_of(f) for f in (LIBRARY["sin"], power(0.6), polynomial([1, 1]))] == [
        "sin",
        "x^p",
        "polynomial",
    ]


def test_a_pole_just_outside_the_samples_must_be_told_by_them():
    line, near = ("x", (1, 0, 1, 0), 1.0), ("1/x", (1, -0.05, 1e-4, 0), 1.0)
    work = problem(lambda x: 0.3 * x, [near, line], noise=0.05)
    state = work.regular(work.state({(0, 0, 0): 0}))
    assert name_of(state) != "1/x" or not state.passes
    work = problem(lambda x: 1 / (x - 0.05), [("1/x", (1, -0.05, 1, 0), 1.0), line])
    assert name_of(work.regular(work.state({(0, 0, 0): 0}))) == "1/x"


def test_of_many_edges_those_that_do_no_harm_stay_formulas():
    work = problem(torch.log, [("log", (1, 0, 1, 0), 1.0), ("x", (1, 0, 1, 0), 2.0)])
    kept = work.restored(work.state({(0, 0, 0): 0}))
    assert name_of(kept) == "log"


def test_what_one_curve_undoes_of_another_is_simplest_together():
    x = 2 * torch.rand(300, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64) - 1
    y = (x[:, :1] - x[:, 1:]).square()
    model = build([2, 1, 1], dtype=torch.float64)
    bar = Bar(model, Sample(x, y), None, torch.zeros(1, dtype=torch.float64), None, True)
    bent = Option(get_function("sqrt"), (1, 15, 8, -31), -16.0, 0.0)
    lines = [Option(get_function("x"), (1, 0, sign, 0), -8.0, 0.0) for sign in (1, -1)]
    square = [Option(get_function("x^2"), (1, 0, 1, 0), -9.0, 0.0)]
    options = {(0, 0, 0): [bent, lines[0]], (0, 1, 0): [bent, lines[1]], (1, 0, 0): square}
    state = Problem(model, options, bar, True).first()
    assert state.choice == {(0, 0, 0): 1, (0, 1, 0): 1, (1, 0, 0): 0}
    assert state.unexplained < 1e-24
