from __future__ import annotations

import pytest
import sympy
import torch

from edgewise.errors import InputError
from edgewise.explain.symbolic.expression.equations import equations
from edgewise.functions import make_function
from edgewise.network import build, set_formula


def test_a_spline_edge_is_a_piecewise_polynomial_with_a_tangent_on_either_side():
    model = build([1, 1], grid=2, k=1, base="zero", dtype=torch.float64)
    with torch.no_grad():
        model.layers[0].basis.coef.copy_(torch.tensor([[[0.0], [1.0], [4.0]]]))
    found = equations(model)
    x = found.symbols[0]
    assert [found.outputs[0].subs(x, at) for at in (-2, -1, 0, 1, 3)] == [-1, 0, 1, 4, 10]
    assert isinstance(found.outputs[0], sympy.Piecewise)


def test_expressions_are_in_the_inputs_alone():
    found = equations(build([2, 2, 1], grid=2, k=1))
    assert found.expressions[0].free_symbols == set(found.symbols)


def test_names_are_the_users_own_if_given():
    assert [str(s) for s in equations(build([2, 1]), names=["a", "b"]).symbols] == ["a", "b"]
    with pytest.raises(InputError, match="names must be 2 different names"):
        equations(build([2, 1]), names=["a", "a"])


def test_what_sympy_does_not_know_is_refused():
    own = make_function("softplus", torch.nn.functional.softplus)
    with pytest.raises(InputError, match="'softplus', which has none"):
        equations(set_formula(build([1, 1]), (0, 0, 0), own))
    with pytest.raises(InputError, match="'tanh' of your own"):
        equations(build([1, 1], base=torch.tanh))


def test_latex_has_a_row_for_each_equation():
    assert equations(build([1, 2, 1], grid=1, k=0)).latex().count("&=") == 3
