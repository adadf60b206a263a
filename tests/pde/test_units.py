"""Sizes come from the data, the sources and the other unknowns; and solutions do not depend on units."""

from __future__ import annotations

import math

import pytest
import torch

from edgewise.pde import (
    Box,
    Condition,
    Equation,
    Observations,
    dirichlet,
    dirichlet_ansatz,
    neumann,
    problems,
    rescaled,
)
from edgewise.pde.solver.method import Method
from edgewise.pde.solver.posing import pose
from edgewise.pde.units import coefficient_units, problem_units, residual_sizes

LINE = Box(x=(0, 2))
TIME = Box(t=(0, 2))


def amplitude(residual, *conditions, box=LINE, **settings):
    return problem_units(Equation(box, residual, conditions, **settings)).amplitudes.tolist()


def test_data_give_the_mean_and_the_deviation():
    units = problem_units(Equation(LINE, lambda u, at: u.xx, [dirichlet(lambda at: 300 + at.x)]))
    assert units.means.tolist() == [301.0] and units.amplitudes.tolist() == [1.0]
    observed = Observations(torch.tensor([[0.5], [1.0]]), torch.tensor([1.0, 3.0]))
    units = problem_units(Equation(LINE, lambda u, at: u.xx, [observed]))
    assert units.means.tolist() == [2.0] and units.amplitudes.tolist() == [1.0]
    kept = Equation(LINE, lambda u, at: u.xx, hard={"u": dirichlet_ansatz(LINE, lambda at: 5 + at.x)})
    assert problem_units(kept).means.tolist() == [6.0]


@pytest.mark.parametrize(
    ("residual", "expected"),
    [
        (lambda u, at: u.xx - 5.0, 5.0),
        (lambda u, at: 1e9 * (u.xx + 25 * u.value - 5.0), 0.2),
        (lambda u, at: u.value * u.x - 4e8, 2.5e4),
        (lambda u, at: u.xx - 1e-9 * torch.exp(u.value / 1e-9), 1e-9),
    ],
    ids=["linear", "with a factor", "product", "exponential"],
)
def test_sources_give_the_amplitude_that_balances_them(residual, expected):
    assert amplitude(residual, dirichlet(0.0))[0] == pytest.approx(expected, rel=0.9)


def test_slopes_and_mixed_conditions_give_an_amplitude():
    assert amplitude(lambda u, at: u.xx, dirichlet(0.0, "x.low"), neumann("x", 7.0, "x.high"))[
        0
    ] == pytest.approx(7.0, rel=0.5)
    radiating = Condition(lambda u, at: u.x + 1e-6 * (u.value**4 - 1000.0**4), "x.high")
    assert 300 < amplitude(lambda u, at: u.xx, dirichlet(0.0, "x.low"), radiating)[0] < 3000


def test_an_unknown_without_data_is_as_large_as_what_feeds_it():
    decay = Equation(
        TIME,
        lambda a, b, at: (a.t + a.value, b.t - 1e6 * a.value),
        unknowns=("a", "b"),
        hard={"a": dirichlet_ansatz(TIME, 1e-3, "t.low"), "b": dirichlet_ansatz(TIME, 0.0, "t.low")},
    )
    assert problem_units(decay).amplitudes.tolist() == pytest.approx([1e-3, 2e3], rel=0.5)


def test_without_any_size_it_is_one():
    assert amplitude(lambda u, at: u.xx, dirichlet(0.0)) == [1.0]


def test_states_outside_a_functions_domain_are_left_out():
    units = problem_units(Equation(LINE, lambda u, at: u.xx + torch.log(u.value), [dirichlet(2.0)]))
    assert units.amplitudes.isfinite().all()


def test_coefficients_count_in_their_start_values_or_in_what_makes_a_term():
    box = Box(x=(0, 1), t=(0, 1))
    start = dirichlet(lambda at: torch.sin(math.pi * at.x))

    def units_from(value):
        equation = Equation(box, lambda u, at: u.t - 1e-6 * at.d * u.xx, [start], coefficients={"d": value})
        return coefficient_units(equation, problem_units(equation))["d"]

    assert units_from(-3.0) == 3.0 and units_from(0.0) == pytest.approx(5e5, rel=0.9)


OTHER = [({"x": 1e-6, "y": 1e-6, "t": 1e-3}, 1e9, 1e-7), ({"x": 1e6, "y": 1e6, "t": 1e6}, 1e-9, 1e12)]
PROBLEMS = [
    problems.pykan_poisson(),
    problems.pykan_poisson(soft=True),
    problems.helmholtz(),
    problems.burgers(),
    problems.allen_cahn(),
    problems.heat(),
    problems.wave(),
    problems.kovasznay(),
    problems.lotka_volterra(),
    problems.unknown_diffusion(),
]


@pytest.mark.parametrize(("sides", "value", "factor"), OTHER, ids=["small", "large"])
@pytest.mark.parametrize("equation", PROBLEMS, ids=lambda equation: equation.name)
def test_rows_are_those_of_the_same_problem_in_other_units(equation, sides, value, factor):
    # Unknowns go up and down in turn, so that those of a system drift apart.
    values = {name: value ** (1 - 2 * (at % 2)) for at, name in enumerate(equation.unknowns)}
    other = rescaled(equation, sides, values, factor)
    before, after = problem_units(equation), problem_units(other)
    by = torch.tensor([values[name] for name in equation.unknowns], dtype=torch.float64)
    torch.testing.assert_close(after.amplitudes / by, before.amplitudes, rtol=1e-3, atol=0)
    for one, two in zip(posed(equation, before), posed(other, after), strict=True):
        left = [
            block.pointwise.evaluate(
                units.state(block.pointwise.indices, block.points.shape[0] * block.points.shape[1]),
                {name: torch.tensor(v) for name, v in equation.coefficients.items()},
            )
            for block, units in ((one, before), (two, after))
        ]
        first, second = (
            block.weighted(torch.stack(rows)) for block, rows in zip((one, two), left, strict=True)
        )
        torch.testing.assert_close(first, second, rtol=1e-3, atol=1e-3 * float(first.abs().max()))


def posed(equation, units):
    return pose(equation, equation.domain.sample(64), 9, Method(), units, equation.coefficients)


def test_a_residual_without_terms_counts_in_ones():
    equation = Equation(LINE, lambda u, at: at.x, [dirichlet(1.0)])
    units = problem_units(equation)
    assert residual_sizes(equation, equation.residual, LINE.sample(4)[None], units, {}).tolist() == [1.0]
