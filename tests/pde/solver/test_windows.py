"""Time windows: seams are kept exactly, jets of a lift are those of its function, and refusals."""

import pytest
import torch

from edgewise.errors import InputError
from edgewise.pde import Box, Equation, dirichlet, dirichlet_ansatz, problems, solve
from edgewise.pde.ansatz import function_jet
from edgewise.pde.solver.windows import TimeWindow, check_windows, continued

SOLVED = solve(problems.heat(0.3), [2, 3, 1], grid=(4, 6), windows=3, steps=10)


def test_each_part_goes_on_where_the_one_before_ended():
    assert [window.equation.domain.names for window in SOLVED.windows] == [("x", "t")] * 3
    x = torch.linspace(0, 1, 9, dtype=torch.float64)
    for seam in (1 / 3, 2 / 3):
        before, after = (
            SOLVED(torch.stack([x, torch.full_like(x, seam + step)], 1)) for step in (-1e-12, 1e-12)
        )
        torch.testing.assert_close(before, after, rtol=0, atol=1e-10)


def test_the_parts_together_solve_the_equation():
    assert SOLVED.error() < 1e-5
    assert SOLVED.residual(SOLVED.equation.domain.mesh(11)).abs().max() < 1e-2
    assert SOLVED.network is SOLVED.windows[-1].network


def test_the_jet_of_a_lift_is_that_of_its_function():
    window = SOLVED.windows[1]
    equation = continued(problems.heat(0.3), problems.heat().domain.parts([1 / 3, 2 / 3, 1])[2], window)
    lift = equation.hard["u"].lift
    x = equation.domain.sample(7)
    indices = [(), (0,), (1,), (0, 0), (0, 1), (1, 1)]
    by_torch = function_jet(lambda at: lift(at), x, ("x", "t"), indices)
    torch.testing.assert_close(function_jet(lift, x, ("x", "t"), indices), by_torch, rtol=1e-8, atol=1e-8)


def test_times_that_were_not_reached_have_no_value():
    solution = solve(problems.heat(), [2, 2, 1], grid=4, windows=4, callback=lambda step, value: step == 2)
    values = solution(torch.tensor([[0.5, 0.1], [0.5, 0.9]], dtype=torch.float64))
    assert solution.stop.reason == "callback" and len(solution.windows) == 1
    assert values[0].isfinite() and values[1].isnan()


def test_a_system_goes_window_by_window():
    solution = solve(problems.lotka_volterra(3.0), [1, 3, 2], grid=6, windows=3, steps=15)
    at = torch.tensor([[0.0], [1.0], [3.0]], dtype=torch.float64)
    invariant = (solution(at) - solution(at).log()).sum(1)
    torch.testing.assert_close(invariant, invariant[0].expand(3), rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("equation", "words"),
    [
        (problems.poisson(), "a coordinate t"),
        (problems.wave(), "first derivatives in t"),
        (problems.unknown_diffusion(), "no unknown coefficients"),
        (
            Equation(Box(x=(0, 1), t=(0, 1)), lambda u, at: u.t - u.xx, [dirichlet(0.0)]),
            "a start that is kept",
        ),
        (
            Equation(
                Box(x=(0, 1), t=(0, 1)),
                lambda u, at: u.t - u.xx,
                hard={"u": dirichlet_ansatz(Box(x=(0, 1), t=(0, 1)), 0.0, on="x")},
            ),
            "a start that is kept",
        ),
    ],
)
def test_what_cannot_be_parted_is_refused(equation, words):
    with pytest.raises(InputError, match=f"solve: with windows the equation must have {words}"):
        check_windows(equation)


def test_a_window_is_differentiable_in_the_points():
    window = SOLVED.windows[0]
    assert isinstance(window, TimeWindow)
    jets = function_jet(
        lambda at: window.value(0, at), SOLVED.equation.domain.sample(3), ("x", "t"), [(), (0,)]
    )
    assert jets[1].abs().max() > 0
