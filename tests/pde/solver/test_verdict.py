"""What is left at fresh points, and what is said of it."""

from __future__ import annotations

import math

import pytest
import torch

from edgewise.events import StopReason
from edgewise.pde import Box, Equation, Observations, dirichlet, dirichlet_ansatz, neumann, problems, solve
from edgewise.pde.solver.uniqueness import Sensitivity
from edgewise.pde.solver.verdict import FreshResidual, judged

LINE, SPACE_TIME = Box(x=(0, 1)), Box(x=(0, 1), t=(0, 1))
SMALL, LARGE = {"equation": FreshResidual(0.01, 0.05)}, {"equation": FreshResidual(math.nan, 0.05)}


@pytest.mark.parametrize("reason", StopReason)
def test_nothing_that_is_not_solved_is_called_converged(reason):
    assert judged(reason, SMALL, Sensitivity()).reason == reason
    stop = judged(reason, LARGE, Sensitivity())
    assert stop.reason not in ("converged", "plateau", "no descent") and "equation nan" in stop.detail
    many = judged(reason, SMALL, Sensitivity(0.0, 0.01))
    ended_by_force = {"time", "callback", "cancelled", "interrupted", "non-finite"}
    assert (many.reason == "not unique") is (
        reason
        in (
            "converged",
            "plateau",
            "no descent",
            "tolerance",
            "steps",
            "overfitted",
            "large residual",
            "not unique",
        )
    )
    assert reason not in ended_by_force or many.reason == reason


IMPOSSIBLE = {
    "source without an outlet": Equation(
        LINE, lambda u, at: u.xx - 1, [neumann("x"), dirichlet(0.0, "x.low"), dirichlet(0.0, "x.high")]
    ),
    "backward heat": Equation(
        SPACE_TIME, lambda u, at: u.t + u.xx, [dirichlet(lambda at: torch.sin(math.pi * at.x))]
    ),
    "two values at one end": Equation(
        LINE, lambda u, at: u.x, [dirichlet(0.0, "x.low"), dirichlet(1.0, "x.low")]
    ),
    "no real solution": Equation(LINE, lambda u, at: u.x**2 + 1, [dirichlet(0.0, "x.low")]),
    "a layer a million times thinner": Equation(
        Box(x=(0, 1e-3), t=(0, 1)),
        lambda u, at: u.t - u.xx,
        [dirichlet(lambda at: torch.sin(1e3 * math.pi * at.x) * torch.exp(-1e6 * math.pi**2 * at.t))],
    ),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_what_cannot_be_solved_is_told(name):
    equation = IMPOSSIBLE[name]
    solution = solve(equation, [len(equation.domain.names), 3, 1], grid=4, steps=30)
    assert solution.relative_residual > 0.05
    assert solution.stop.reason in ("large residual", "overfitted", "not unique") or (
        solution.stop.reason == "steps" and "large residual" in solution.stop.detail
    )


@pytest.mark.parametrize("value", [300.0, -1e-9, 0.0])
def test_a_constant_is_solved_though_all_its_terms_are_zero(value):
    solution = solve(Equation(LINE, lambda u, at: u.xx, [dirichlet(value)]), [1, 2, 1], grid=4)
    assert solution.stop.reason in ("converged", "plateau", "tolerance")
    assert solution.relative_residual < 1e-3
    assert (solution(LINE.mesh(5)) - value).abs().max() <= 1e-6 * abs(value)


def test_observations_are_judged_by_their_noise():
    at = torch.linspace(0, 1, 40, dtype=torch.float64)[:, None]
    noise = torch.randn(40, generator=torch.Generator().manual_seed(0), dtype=torch.float64)

    def solved(said):
        line = Observations(at, 3 * at[:, 0] + 0.1 * noise, noise=said)
        return solve(Equation(LINE, lambda u, at: u.xx, [line]), [1, 1], grid=2)

    honest, too_little = solved(0.1), solved(0.01)
    assert honest.relative_residuals["observations"] == pytest.approx(1.0, abs=0.3)
    assert honest.stop.reason in ("converged", "plateau")
    assert too_little.stop.reason == "large residual" and "observations" in too_little.stop.detail


def test_names_of_several_parts_differ():
    solution = solve(problems.kovasznay(), [2, 2, 3], grid=2, steps=2)
    assert list(solution.relative_residuals) == [
        *(f"equation, part {part}" for part in (1, 2, 3)),
        "Dirichlet",
        "Dirichlet 2",
        "Dirichlet 3",
    ]


def test_the_worst_window_counts():
    hard = {"u": dirichlet_ansatz(Box(t=(0, 1)), 1.0, "t.low")}
    late = Equation(
        Box(t=(0, 1)),
        lambda u, at: u.t - torch.where(at.t > 0.5, 500 * torch.sin(900 * at.t), 0.1),
        hard=hard,
    )
    solution = solve(late, [1, 1], grid=4, windows=2)
    assert solution.relative_residual > 0.05 and "large residual" in str(solution.stop)


@pytest.mark.parametrize("reason", StopReason)
def test_a_small_residual_is_no_solution_where_it_tells_little(reason):
    """A share of the terms of 1 % can hide any error, as where those terms cancel."""
    stop = judged(reason, SMALL, Sensitivity(least=0.02, residual=0.01))
    assert stop.detail == "the solution may be off by 0.5 of its size"
    assert stop.reason not in ("converged", "plateau", "no descent")
    assert judged(reason, SMALL, Sensitivity(least=0.02, residual=0.001)).detail == ""
