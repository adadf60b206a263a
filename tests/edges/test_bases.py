"""The records of the base functions: each says one and the same function in every form."""

import math
from pathlib import Path

import pytest
import torch

from edgewise.edges import BASES
from edgewise.edges.bases import base_values
from edgewise.errors import UnknownName

KERNELS = Path(__file__).parents[2] / "native" / "kernels.hpp"
X = torch.linspace(-5, 5, 21, dtype=torch.float64)


@pytest.mark.parametrize("base", BASES.values(), ids=BASES)
def test_the_forms_of_a_base_agree(base):
    torch.testing.assert_close(base.derivative(X, 0), base.function(X))
    numbers = [0.0 if base.formula is None else base.formula(x, math.exp) for x in X.tolist()]
    torch.testing.assert_close(torch.tensor(numbers, dtype=X.dtype), base.function(X))
    if base.module is not None:
        torch.testing.assert_close(base.module()(X), base.function(X))


@pytest.mark.parametrize("base", BASES)
def test_derivatives_follow_each_other(base):
    x = X.clone().requires_grad_()
    for order in range(6):
        value = base_values(x, base, order)
        total = value.sum() + 0 * x.sum()
        slope = torch.autograd.grad(total, x)[0]
        torch.testing.assert_close(base_values(x.detach(), base, order + 1), slope)


@pytest.mark.skipif(not KERNELS.exists(), reason="the tests run beside an installed package")
def test_numbers_are_those_of_the_native_kernels():
    found = KERNELS.read_text("utf-8").partition("enum Base : int {")[2].partition("}")[0]
    ids = {name: base.native_id for name, base in BASES.items() if base.native_id is not None}
    assert found.strip() == ", ".join(f"k{name.capitalize()} = {number}" for name, number in ids.items())


def test_an_unknown_base():
    with pytest.raises(UnknownName, match="silu"):
        base_values(torch.zeros(1), "sliu")
