"""Sizes of terms as a solution has them."""

from __future__ import annotations

import math

import pytest
import torch

from edgewise.pde import Box, Equation, Method, Observations, dirichlet, problems, rescaled, solve
from edgewise.pde.solver.posing import pose
from edgewise.pde.solver.sizes import reached_sizes
from edgewise.pde.units import problem_units

PI = math.pi


def found(equation, width, grid=4, **settings):
    """Sizes that were expected, and those reached."""
    network = solve(equation, width, grid, **settings).network
    units = problem_units(equation)
    blocks = pose(equation, equation.domain.sample(300), 9, Method(), units, {})
    reached = reached_sizes(equation, blocks, network, units, {}, 1e-3 * units.amplitudes)
    return [block.sizes for block in blocks], reached


def test_a_source_that_turns_about_does_not_make_the_unknown_large():
    expected, reached = found(problems.pykan_poisson(soft=True), [2, 3, 1])
    assert float(expected[1]) > 5 and 0.3 < float(reached[1]) < 0.5
    # Of sin(pi x) sin(pi y), each second derivative has a mean square of pi^4 / 4.
    assert float(reached[0]) == pytest.approx(PI**2 / 2, rel=0.2)


def test_terms_of_a_steep_solution_are_larger_than_expected():
    expected, reached = found(problems.burgers(0.05), [2, 4, 1], grid=8)
    assert float(reached[0]) > 1.3 * float(expected[0])


@pytest.mark.parametrize("scale", [1e-9, 1e-3, 1e6])
def test_sizes_are_in_the_units_of_the_problem(scale):
    plain = problems.kovasznay()
    _, sizes = found(plain, [2, 2, 3], steps=4)
    units = dict.fromkeys("uvp", scale)
    _, other = found(rescaled(plain, {"x": 1e3, "y": 1e3}, units, 7.0), [2, 2, 3], steps=4)
    torch.testing.assert_close(other[0], 7.0 * sizes[0], rtol=1e-3, atol=0)
    for new, old in zip(other[1:], sizes[1:], strict=True):
        # Conditions are written in the old units.
        torch.testing.assert_close(new, old, rtol=1e-3, atol=0)


def test_an_unknown_that_vanishes_has_a_size():
    rod = Equation(Box(x=(0, 1)), lambda u, at: u.xx, [dirichlet(lambda at: at.x)])
    units = problem_units(rod)
    network = solve(rod, [1, 1], grid=2, steps=1).network
    with torch.no_grad():
        network.layers[-1].basis.coef.zero_()
    blocks = pose(rod, rod.domain.sample(64), 9, Method(), units, {})
    sizes = reached_sizes(rod, blocks, network, units, {}, 1e-3 * units.amplitudes)
    assert all(
        0 < float(size) <= 0.01 * float(block.sizes) for size, block in zip(sizes, blocks, strict=True)
    )


def test_observations_with_a_noise_count_in_units_of_it():
    at = torch.linspace(0, 1, 5, dtype=torch.float64)[:, None]
    line = Equation(Box(x=(0, 1)), lambda u, at: u.xx, [Observations(at, 3 * at[:, 0], noise=0.1)])
    assert float(found(line, [1, 1], grid=2)[1][1]) == 1.0
