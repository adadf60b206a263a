import math

import pytest
import torch

from edgewise.errors import InputError
from edgewise.pde import Box, Equation, Method, dirichlet, dirichlet_ansatz, solve
from edgewise.pde.problems import unknown_diffusion

LINE = Box(x=(0, 1))


def exact(at):
    return torch.sin(math.pi * at.x) * torch.exp(at.x)


def residual(u, at):
    sine, cosine = torch.sin(math.pi * at.x), torch.cos(math.pi * at.x)
    return u.xx - torch.exp(at.x) * ((1 - math.pi**2) * sine + 2 * math.pi * cosine)


HARD = Equation(LINE, residual, hard={"u": dirichlet_ansatz(LINE, 0.0)}, exact=exact, name="hard")
SOFT = Equation(LINE, residual, [dirichlet(0.0)], exact=exact, name="soft")


@pytest.mark.parametrize("equation", [HARD, SOFT], ids=lambda equation: equation.name)
def test_a_boundary_value_problem_to_eight_digits(equation):
    solution = solve(equation, [1, 1], grid=(8, 64))
    assert solution.error() < 1e-8
    x = torch.linspace(0, 1, 9, dtype=torch.float64)[:, None]
    slope = math.pi * torch.cos(math.pi * x) * x.exp() + torch.sin(math.pi * x) * x.exp()
    torch.testing.assert_close(solution.derivative(x, "x"), slope[:, 0], rtol=0, atol=1e-6)
    assert solution.residual(x).shape == (1, 9)


def test_a_nonlinear_equation_through_a_hidden_layer():
    equation = Equation(
        Box(t=(0, 2)),
        lambda u, at: u.t - u.value * (1 - u.value),
        hard={"u": dirichlet_ansatz(Box(t=(0, 2)), 0.1, on="t.low")},
        exact=lambda at: 1 / (1 + 9 * torch.exp(-at.t)),
    )
    assert solve(equation, [1, 2, 1], grid=(4, 8)).error() < 1e-6


def test_the_same_seed_gives_the_same_solution():
    first, second = (solve(HARD, [1, 2, 1], grid=4, steps=5, seed=3) for _ in range(2))
    assert first.history == second.history
    assert solve(HARD, [1, 2, 1], grid=4, steps=5, seed=4).history != first.history


def test_the_residual_never_rises_within_a_grid():
    solution = solve(HARD, [1, 3, 1], grid=6, steps=3)
    assert list(solution.history) == sorted(solution.history, reverse=True)


def test_an_unknown_coefficient_is_found():
    solution = solve(unknown_diffusion(), [2, 4, 1], grid=4)
    assert abs(solution.coefficients["diffusion"] - 0.1) < 0.005


def test_settings_of_the_method_work_together():
    solution = solve(
        HARD,
        [1, 2, 1],
        grid=(4, 8),
        continuation=[SOFT],
        rad_fraction=0.5,
        rba=True,
        adapt_knots=True,
        steps=20,
    )
    assert solution.error() < 1e-4
    assert [stage.equation for stage in solution.stages] == ["soft", "hard", "hard"]


def test_the_reason_to_stop_is_told():
    assert solve(HARD, [1, 2, 1], grid=4, steps=1).stop.reason == "steps"
    assert solve(HARD, [1, 1], grid=4).stop.reason in ("converged", "plateau")
    assert solve(HARD, [1, 1], grid=(4, 8), tolerance=1e3).stop.reason == "tolerance"
    assert solve(HARD, [1, 2, 1], grid=4, max_seconds=1e-9).stop.reason == "time"
    assert solve(HARD, [1, 2, 1], grid=4, callback=lambda step, value: step == 2).stop.reason == "callback"
    broken = Equation(LINE, lambda u, at: u.x + torch.log(at.x - 2))
    assert solve(broken, [1, 2, 1], grid=4).stop.reason == "non-finite"


def interrupt(*arguments, **settings):
    raise KeyboardInterrupt


def test_ctrl_c_keeps_the_best_so_far(monkeypatch):
    solution = solve(HARD, [1, 2, 1], grid=(4, 8), callback=lambda step, value: step == 3 and interrupt())
    assert solution.stop.reason == "interrupted" and len(solution.history) == 3
    assert solution.error() < 1 and "Ctrl-C" in repr(solution)
    monkeypatch.setattr("edgewise.pde.solver.stages.refine_grids", interrupt)
    between = solve(HARD, [1, 2, 1], grid=(4, 8), steps=5)
    assert between.stop.reason == "interrupted" and between.network.grid == (4, 4)
    assert between.error() == solve(HARD, [1, 2, 1], grid=4, steps=5).error()


def test_ctrl_c_in_the_second_window_keeps_the_first(monkeypatch):
    logistic = Equation(
        Box(t=(0, 2)),
        lambda u, at: u.t - u.value,
        hard={"u": dirichlet_ansatz(Box(t=(0, 2)), 1.0, on="t.low")},
    )
    monkeypatch.setattr("edgewise.pde.solver.stages.reset_output_layer_if_better", interrupt)
    solution = solve(logistic, [1, 2, 1], grid=4, windows=2)
    assert solution.stop.reason == "interrupted" and len(solution.windows) == 1
    first, second = solution(torch.tensor([[0.5], [1.5]], dtype=torch.float64))
    assert abs(float(first) - math.exp(0.5)) < 1e-5 and second.isnan()


def test_ctrl_c_before_there_is_anything_goes_through(monkeypatch):
    monkeypatch.setattr("edgewise.pde.solver.stages.place_hidden_grids", interrupt)
    with pytest.raises(KeyboardInterrupt):
        solve(HARD, [1, 2, 1], grid=4)


def test_progress_is_shown_where_it_is_asked_for(capsys):
    solve(HARD, [1, 1], grid=4, progress=True)
    assert "residual" in capsys.readouterr().err
    solve(HARD, [1, 1], grid=4, progress=False)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("width", [[2, 1], [1, 2], [1, (1, 1)]])
def test_a_width_that_does_not_fit_is_refused(width):
    with pytest.raises(InputError, match="width must run from 1 coordinates to 1 unknowns"):
        solve(HARD, width)


def test_bad_settings_are_refused():
    with pytest.raises(InputError, match="steps must be positive"):
        solve(HARD, [1, 1], steps=0)
    with pytest.raises(InputError, match="rad_fraction"):
        Method(rad_fraction=1.0)
    with pytest.raises(InputError, match="either method or"):
        solve(HARD, [1, 1], method=Method(), steps=3)
    with pytest.raises(InputError, match="grid must name"):
        solve(HARD, [1, 1], grid=[])
    with pytest.raises(TypeError, match="speed"):
        solve(HARD, [1, 1], speed=3)


@pytest.mark.parametrize(("residual", "order"), [("xx", 2), ("xxx", 3), ("xxxx", 4)])
def test_a_degree_whose_derivatives_are_zero_is_refused(residual, order):
    equation = Equation(LINE, lambda u, at: getattr(u, residual), [dirichlet(lambda at: at.x**2)])
    with pytest.raises(InputError, match=f"order of the equation, {order}; got {order - 1}"):
        solve(equation, [1, 1], grid=4, k=order - 1)
    assert solve(equation, [1, 1], grid=4, k=order, steps=1).network.layers[0].basis.k == order
