"""Jacobians of residuals, hard conditions, periodic pairs and coefficients included, against differences."""

import pytest
import torch

from edgewise.network import Scaler, build
from edgewise.pde import Box, Equation, Periodic, dirichlet_ansatz
from edgewise.pde.residual.blocks import ResidualBlock
from edgewise.pde.residual.system import LeastSquaresSystem

BOX = Box(x=(-1, 2), t=(0, 1))


def network(outputs=1):
    scaler = Scaler((BOX.low + BOX.high) / 2, (BOX.high - BOX.low) / 2)
    return build(
        [2, (2, 2), outputs],
        grid=4,
        k=5,
        seed=0,
        base="zero",
        init="glorot",
        dtype=torch.float64,
        input_scaler=scaler,
    )


def burgers(u, at):
    return u.t + u.value * u.x - at.nu * u.xx


def pair(u, v, at):
    return u.t - v.xx * u.value, v.x * at.x


def cases():
    hard = {"u": dirichlet_ansatz(BOX, lambda at: torch.sin(at.x))}
    single = Equation(BOX, burgers, hard=hard, coefficients={"nu": 0.3})
    soft = Equation(BOX, lambda u, at: u.x, [Periodic("x")])
    double = Equation(BOX, pair, unknowns=("u", "v"), hard=hard)
    points = BOX.sample(9)
    periodic = soft.conditions[0]
    return {
        "coefficient": (ResidualBlock(single, single.residual, points[None], 2.0), 1, {"nu": 0.3}),
        "periodic": (ResidualBlock(soft, periodic.residual, periodic.points(BOX, 5)), 1, {}),
        "system": (ResidualBlock(double, double.residual, points[None]), 2, {}),
    }


@pytest.mark.parametrize("case", cases())
def test_the_jacobian_is_that_of_central_differences(case):
    rows, outputs, coefficients = cases()[case]
    rows.point_weights = torch.linspace(0.5, 1.5, rows.points.shape[1], dtype=torch.float64)
    system = LeastSquaresSystem(network(outputs), coefficients, [rows])
    start, step = system.vector, 1e-6
    found = system.jacobian(start)
    assert found.shape == (len(system.residual(start)), len(start))
    expected = torch.empty_like(found)
    for at in range(len(start)):
        moved = step * torch.eye(len(start), dtype=torch.float64)[at]
        expected[:, at] = (system.residual(start + moved) - system.residual(start - moved)) / (2 * step)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-6)


def test_hard_values_are_kept_whatever_the_network():
    equation = Equation(
        BOX, burgers, hard={"u": dirichlet_ansatz(BOX, lambda at: torch.sin(at.x))}, coefficients={"nu": 1.0}
    )
    faces = torch.cat([BOX.sample_face(face, 11) for face in BOX.faces("all")])
    rows = ResidualBlock(equation, lambda u, at: u.value - torch.sin(at.x), faces[None])
    assert rows.residuals(network(), {"nu": torch.tensor(1.0)}).abs().max() < 1e-14


def test_weights_make_the_sum_of_squares_a_weighted_mean():
    rows, _, _ = cases()["coefficient"]
    residual = torch.full((1, 9), 3.0, dtype=torch.float64)
    assert float(rows.weighted(residual).square().sum()) == pytest.approx(2 * 9.0)


def test_a_constant_residual_has_no_slopes():
    equation = Equation(BOX, lambda u, at: torch.ones_like(at.x))
    system = LeastSquaresSystem(
        network(), {}, [ResidualBlock(equation, equation.residual, BOX.sample(4)[None])]
    )
    assert (system.jacobian(system.vector) == 0).all()
