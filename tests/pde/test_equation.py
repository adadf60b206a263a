import pytest
import torch

from edgewise.errors import InputError, UnknownName
from edgewise.pde import Box, Equation, dirichlet_ansatz, neumann
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
