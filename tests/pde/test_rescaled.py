"""Problems in other units: the same numbers, and the same relative errors of their solutions."""

from __future__ import annotations

import math

import pytest
import torch

from edgewise.pde import Box, Equation, Observations, Periodic, dirichlet, neumann, problems, rescaled, solve

PI = math.pi


def test_domain_data_and_exact_solution_are_in_the_new_units():
    old = problems.unknown_diffusion()
    new = rescaled(old, {"x": 1e3}, {"u": 1e-3})
    assert repr(new.domain) == "Box(x=(0, 1000), t=(0, 1))"
    torch.testing.assert_close(new.conditions[0].values, 1e-3 * old.conditions[0].values)
    torch.testing.assert_close(new.conditions[0].at[:, 0], 1e3 * old.conditions[0].at[:, 0])
    assert rescaled(new, {"x": 1e-3}, {"u": 1e3}).domain.high.tolist() == [1.0, 1.0]


def heat():
    box = Box(x=(0, 1), t=(0, 0.5))

    def exact(at):
        return torch.sin(PI * at.x) * torch.exp(-(PI**2) * at.t)

    return Equation(box, lambda u, at: u.t - u.xx, [dirichlet(exact)], exact=exact, name="heat by rows")


def korteweg_de_vries():
    box = Box(x=(-6, 6), t=(0, 1))

    def exact(at):
        return 0.5 / torch.cosh(0.5 * (at.x - at.t)) ** 2

    conditions = [dirichlet(exact), neumann("x", 0.0, on="x.high")]
    return Equation(box, lambda u, at: u.t + 6 * u.value * u.x + u.xxx, conditions, exact=exact, name="KdV")


def periodic():
    box = Box(x=(0, 1))

    def exact(at):
        return -torch.sin(2 * PI * at.x) / (1 + 4 * PI**2)

    return Equation(
        box,
        lambda u, at: u.xx - u.value - torch.sin(2 * PI * at.x),
        [Periodic("x")],
        exact=exact,
        name="periodic",
    )


def reaction():
    """A fast and large unknown fed by a small one."""
    box = Box(t=(0, 2))
    starts = [dirichlet(1.0, "t.low", unknown=0), dirichlet(0.0, "t.low", unknown=1)]
    return Equation(
        box,
        lambda a, b, at: (a.t + a.value, b.t - a.value),
        starts,
        unknowns=("a", "b"),
        exact={"a": lambda at: torch.exp(-at.t), "b": lambda at: 1 - torch.exp(-at.t)},
        name="reaction",
    )


CASES = [
    (heat(), [2, 3, 1], 4),
    (korteweg_de_vries(), [2, 2, 1], 4),
    (periodic(), [1, 1], 8),
    (reaction(), [1, 2, 2], 4),
    (problems.unknown_diffusion(), [2, 3, 1], 4),
    (problems.kovasznay(), [2, 2, 3], 4),
]
SCALES = [(1e-6, 1e-12, 1e9, 1e-9), (1e6, 1e3, 1e-9, 1e9)]


@pytest.mark.parametrize(("equation", "width", "grid"), CASES, ids=lambda part: getattr(part, "name", ""))
def test_errors_do_not_depend_on_units(equation, width, grid):
    plain = solve(equation, width, grid, steps=5)
    for length, time, value, factor in SCALES:
        sides = {name: time if name == "t" else length for name in equation.domain.names}
        values = {name: value ** (1 - 2 * (at % 2)) for at, name in enumerate(equation.unknowns)}
        found = solve(rescaled(equation, sides, values, factor), width, grid, steps=5)
        assert found.stop.reason == plain.stop.reason
        assert found.error(points=31) == pytest.approx(plain.error(points=31), rel=0.01, abs=1e-12)
        assert dict(found.coefficients) == pytest.approx(dict(plain.coefficients), rel=1e-3)


@pytest.mark.parametrize("windows", [1, 2])
def test_windows_and_adapted_knots_do_not_depend_on_units(windows):
    settings = {"windows": windows, "adapt_knots": True, "rad_fraction": 0.2, "steps": 4}
    burgers = problems.burgers(0.1)
    plain = solve(burgers, [2, 3, 1], (4, 8), **settings)
    other = solve(rescaled(burgers, {"x": 1e-6, "t": 1e3}, {"u": 1e-9}), [2, 3, 1], (4, 8), **settings)
    assert other.error(points=31) == pytest.approx(plain.error(points=31), rel=0.01)
    assert other.relative_residual == pytest.approx(plain.relative_residual, rel=0.01)


def test_noise_is_in_the_new_units():
    at, values = torch.tensor([[0.5]]), torch.tensor([1.0])
    old = Equation(Box(x=(0, 1)), lambda u, at: u.xx, [Observations(at, values, noise=0.1)])
    assert rescaled(old, unknowns={"u": 10.0}).conditions[0].noise == pytest.approx(1.0)
