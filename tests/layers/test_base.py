from __future__ import annotations

import pytest
import torch
from torch import nn

from edgewise import KAN, KANLayer
from edgewise.errors import InputError, UnknownName
from edgewise.layers import BASES
from edgewise.layers.base import find_base


@pytest.mark.parametrize(("name", "base"), BASES.items())
def test_named_bases_are_found_by_name_and_by_function(name, base):
    assert find_base(name) == (name, base.function)
    assert find_base(base.function) == (name, base.function)


def test_values():
    x = torch.tensor([-1.0, 0.0, 2.0])
    assert BASES["identity"].function(x) is x
    assert torch.equal(BASES["zero"].function(x), torch.zeros(3))
    torch.testing.assert_close(BASES["silu"].function(x), x * x.sigmoid())


def test_activation_modules_go_by_the_name_of_their_function():
    assert find_base(nn.SiLU()) == ("silu", BASES["silu"].function)
    assert find_base(nn.Identity()) == ("identity", BASES["identity"].function)
    assert find_base(nn.Tanh())[0] == "Tanh"


def test_own_function_of_a_name_that_is_taken_is_not_mistaken_for_it():
    def silu(x):
        return x * torch.sigmoid(1.7 * x)

    assert find_base(silu) == ("own silu", silu)


def test_modules_with_parameters_are_refused():
    with pytest.raises(InputError, match="no parameters"):
        find_base(nn.PReLU())


@pytest.mark.parametrize("base", ["slu", None, 3, ["silu"]])
def test_unknown_bases_are_refused(base):
    with pytest.raises(UnknownName, match="base must be one of identity, silu, zero"):
        find_base(base)


@pytest.mark.parametrize("kind", [nn.GELU, nn.SiLU, nn.Tanh, nn.Linear, KANLayer, float])
def test_a_class_is_refused_at_the_door(kind):
    for make in (lambda base: KANLayer(2, 1, base=base), lambda base: KAN([2, 1], base=base)):
        with pytest.raises(
            InputError, match=rf"must be a function .* got the class {kind.__name__}.* Give an instance"
        ):
            make(kind)


@pytest.mark.parametrize(
    "base",
    [
        nn.Softmax(-1),
        torch.sum,
        lambda x: x.mean() + x,
        lambda x: x[:1],
        lambda x: 1.0,
        lambda x: nn.GELU(),
        nn.Flatten(),
    ],
)
def test_what_is_not_elementwise_is_refused(base):
    with pytest.raises(InputError, match="base must give a number for each number"):
        KANLayer(2, 1, base=base)


@pytest.mark.parametrize(
    "base", [nn.BatchNorm1d(2), nn.PReLU(), nn.BatchNorm1d(2, affine=False), KANLayer(1, 1)]
)
def test_modules_with_numbers_of_their_own_are_refused(base):
    with pytest.raises(InputError, match="no parameters or buffers"):
        KANLayer(2, 1, base=base)


@pytest.mark.parametrize(
    "base", [nn.GELU(), torch.sin, lambda x: x**2, nn.Tanh(), lambda x: torch.zeros_like(x)]
)
def test_elementwise_functions_are_taken(base):
    assert KANLayer(2, 1, base=base)(torch.zeros(3, 2)).shape == (3, 1)
