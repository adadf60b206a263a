import pytest
import torch

from edgewise.errors import InputError, ShapeError
from edgewise.pde import Box, Equation, dirichlet, solve
from edgewise.pde.problems import lotka_volterra

EQUATION = Equation(
    Box(x=(0, 1)), lambda u, at: u.xx + 2, [dirichlet(0.0)], exact=lambda at: at.x * (1 - at.x), name="rod"
)


def test_the_repr_fits_a_screen_and_says_what_matters():
    text = repr(solve(EQUATION, [1, 1], grid=4))
    assert len(text.splitlines()) <= 6 and max(map(len, text.splitlines())) < 120
    for word in ("'rod'", "fresh points", "parameters", "error", "plateau: "):
        assert word in text


def test_the_error_can_be_measured_against_any_reference():
    solution = solve(EQUATION, [1, 1], grid=4)
    assert solution.error() < 1e-9
    assert abs(solution.error(lambda at: 2 * at.x * (1 - at.x)) - 0.5) < 1e-9


def test_several_unknowns_without_a_known_solution():
    solution = solve(lotka_volterra(1.0), [1, 2, 2], grid=4, steps=5)
    assert solution(torch.zeros(3, 1)).shape == (3, 2)
    torch.testing.assert_close(solution(torch.zeros(1, 1)), torch.tensor([[2.0, 1.0]], dtype=torch.float64))
    assert solution.error() != solution.error()


def test_meshes_for_errors_are_bounded():
    seen = []

    def reference(at):
        seen.append(len(at[at.names[0]]))
        return at[at.names[0]] ** 2

    for names in ("x", "xy", "xyz", "xyzw"):
        box = Box(**dict.fromkeys(names, (0, 1)))
        solve(Equation(box, lambda u, at: u.x), [len(names), 1], 2, steps=1).error(reference)
    assert seen == [201, 40_401, 39_304, 40_000]


def test_residuals_are_those_at_fresh_points():
    solution = solve(EQUATION, [1, 3, 1], grid=4, steps=3)
    left = solution.residual(EQUATION.domain.sample(500, seed=9)).square().mean().sqrt()
    terms = solution.derivative(EQUATION.domain.sample(500, seed=9), "x", "x").square().mean().sqrt()
    assert abs(solution.relative_residuals["equation"] / float(left / terms) - 1) < 0.3
    assert solution.relative_residual == max(solution.relative_residuals.values())


def test_nothing_is_said_of_points_outside_the_domain():
    solution = solve(EQUATION, [1, 1], grid=4, steps=2)
    assert solution(torch.tensor([[1.0 + 1e-7], [0.0]])).shape == (2, 1)
    for x in (1.5, -0.1, 1000.0):
        for ask in (solution, solution.residual, lambda x: solution.derivative(x, "x")):
            with pytest.raises(InputError, match=r"must lie in Box\(x=\(0, 1\)\)"):
                ask(torch.tensor([[0.5], [x]]))


def test_a_reference_with_a_second_dimension_is_refused():
    solution = solve(EQUATION, [1, 1], grid=4, steps=2)
    with pytest.raises(ShapeError, match="one number to each"):
        solution.error(lambda at: at.x[:, None])
    assert solution.error(lambda at: torch.tensor(0.25)) > 0.1
