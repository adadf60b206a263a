from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from edgewise.network import build, set_formula
from edgewise.testing import check_same_function, state_bits
from edgewise.testing.compare import tensor_bits


def test_state_bits_see_one_flipped_bit_a_frozen_parameter_and_the_mode():
    model = build([2, 3, 1])
    before = state_bits(model)
    assert state_bits(copy.deepcopy(model)) == before
    for change in (
        lambda m: m.layers[0].basis.coef.data[0, 0, 0].mul_(1 + 2e-7),
        lambda m: m.layers[0].basis.mask[0, 0].zero_(),
        lambda m: m.layers[1].basis.coef.requires_grad_(False),
        lambda m: m.eval(),
    ):
        changed = copy.deepcopy(model)
        change(changed)
        assert state_bits(changed) != before


def test_state_bits_see_a_formula():
    model = build([2, 1])
    assert state_bits(set_formula(model, (0, 0, 0), "sin")) != state_bits(
        set_formula(model, (0, 0, 0), "cos")
    )


def test_tensor_bits_tell_dtype_and_shape_apart():
    zeros = [torch.zeros(2), torch.zeros(2, 1), torch.zeros(2, dtype=torch.bfloat16), torch.tensor(0.0)]
    assert len({tensor_bits(value) for value in zeros}) == 4


def test_check_same_function_at_zero_and_at_a_tolerance():
    a, x = nn.Linear(2, 1), torch.rand(5, 2)
    b = copy.deepcopy(a)
    check_same_function(a, b, x)
    b.bias.data.add_(1e-6)
    check_same_function(a, b, x, tol=1e-4)
    with pytest.raises(AssertionError, match="same bits"):
        check_same_function(a, b, x)
    with pytest.raises(AssertionError, match="agree within"):
        check_same_function(a, b, x, tol=1e-8)
