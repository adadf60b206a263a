import pytest
import torch

from edgewise.errors import InputError, ShapeError, UnknownName
from edgewise.pde import Ansatz, Box, Equation, Observations, dirichlet, dirichlet_ansatz, neumann, solve
from edgewise.pde.equation import as_tensors


def test_the_order_is_that_of_the_highest_derivative_anywhere():
    box = Box(x=(0, 1), t=(0, 1))
    assert Equation(box, lambda u, at: u.t - u.value).order == 1
    assert Equation(box, lambda u, at: u.value, [neumann("x")]).order == 1
    assert Equation(box, lambda u, v, at: u.t + v.xxx, unknowns=("u", "v")).order == 3


def test_names_are_checked():
    box = Box(x=(0, 1))
    with pytest.raises(UnknownName, match="hard"):
        Equation(box, lambda u, at: u.x, hard={"v": dirichlet_ansatz(box, 0.0)})
    with pytest.raises(UnknownName, match="exact"):
        Equation(box, lambda u, at: u.x, exact={"w": lambda at: at.x})
    with pytest.raises(InputError, match="names of their own"):
        Equation(box, lambda u, at: u.x, coefficients={"x": 1.0})


def test_a_residual_that_is_no_tensor_is_refused():
    with pytest.raises(InputError, match="must give a tensor"):
        _ = Equation(Box(x=(0, 1)), lambda u, at: 3.0).order
    assert len(as_tensors([torch.zeros(2), torch.ones(2)])) == 2


def test_the_repr_fits_a_line():
    box = Box(x=(0, 1))
    text = repr(
        Equation(
            box,
            lambda u, at: u.x,
            hard={"u": dirichlet_ansatz(box, 0.0)},
            coefficients={"nu": 1.0},
            name="flow",
        )
    )
    assert (
        text == "Equation('flow': u on Box(x=(0, 1)), order 1, 0 conditions, u kept on its faces, unknown nu)"
    )


LINE = Box(x=(0, 1))
COLUMNS = {
    "residual": Equation(LINE, lambda u, at: u.xx[:, None] - 1, [dirichlet(0.0)]),
    "one of two residuals": Equation(LINE, lambda u, at: (u.x, torch.outer(u.xx, u.x))),
    "value on a face": Equation(
        Box(x=(0, 1), y=(0, 1)), lambda u, at: u.laplacian, [dirichlet(lambda at: at.x[:, None])]
    ),
    "lift": Equation(LINE, lambda u, at: u.x, hard={"u": Ansatz(lambda at: at.x[:, None], lambda at: at.x)}),
    "distance": Equation(LINE, lambda u, at: u.x, hard={"u": Ansatz(lambda at: at.x, lambda at: at.x[None])}),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_numbers_that_would_be_broadcast_against_the_points_are_refused(name):
    equation = COLUMNS[name]
    with pytest.raises(ShapeError, match="one number to each"):
        solve(equation, [len(equation.domain.names), 1], grid=2, steps=1)


@pytest.mark.parametrize("place", [1000.0, -0.01, 1.01])
def test_observations_in_other_units_than_the_domain_are_refused(place):
    at = torch.tensor([[0.5], [place]])
    with pytest.raises(InputError, match="1 of 2 outside"):
        Equation(LINE, lambda u, at: u.x, [Observations(at, torch.zeros(2))])
    with pytest.raises(ShapeError, match="a column to each of x"):
        Equation(LINE, lambda u, at: u.x, [Observations(torch.zeros(2, 2), torch.zeros(2))])
    Equation(LINE, lambda u, at: u.x, [Observations(torch.tensor([[1.0 + 1e-7]]), torch.zeros(1))])
