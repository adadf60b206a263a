"""Shifts and scales of columns that are far from size 1."""

from __future__ import annotations

import pytest
import torch

from edgewise import KAN
from edgewise.train.units.column_scales import input_scaler, target_scaler

U = torch.rand(500, 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 2 - 1


@pytest.mark.parametrize("a", [1e-30, 1e-3, 7.0, 1e30, -50.0])
@pytest.mark.parametrize("b", [0.0, 10.0, -1e6])
def test_scaled_inputs_do_not_depend_on_their_unit(a, b):
    x = a * (U + b)
    scaled = input_scaler(x)(x)
    assert torch.allclose(scaled * (1 if a > 0 else -1), U, atol=0.05)
    y = target_scaler(x)(x)
    assert float(y.mean()) == pytest.approx(0, abs=1e-8) and float(y.std(correction=0)) == pytest.approx(1)


def test_only_the_columns_that_are_far_off_are_scaled():
    found = input_scaler(torch.cat([U, 100 * U, U + 9, torch.full_like(U, 7.0), torch.full_like(U, 1.0)], 1))
    assert found.scale.tolist() == pytest.approx([1, 100, 1, 1, 1], rel=0.05)
    assert found.shift.tolist() == pytest.approx([0, 0, 9, 7, 0], abs=5)
    assert found.shift[0] == 0 and found.shift[3] == 7 and found.shift[4] == 0
    assert target_scaler(torch.full_like(U, -4e-9)).scale.tolist() == [4e-9]
    assert target_scaler(torch.zeros_like(U)) is None
    assert input_scaler(U[:1] + 100) is None and input_scaler(torch.ones(5, 1, dtype=torch.long)) is None


@pytest.mark.parametrize("outlier", [1e3, -1e6])
def test_an_outlier_does_not_press_all_others_together(outlier):
    x = U.clone()
    x[0] = outlier
    assert input_scaler(x) is None
    scaled = input_scaler(100 * x)(100 * x)
    assert 0.9 < float(scaled[1:].abs().max()) < 1.1
    model = KAN([1, 1], grid=8, seed=0, dtype=torch.float64)
    model.fit((100 * x, torch.sin(3 * U)), opt="LM", steps=20)
    with torch.no_grad():
        assert float((model(100 * x) - torch.sin(3 * U))[1:].square().mean().sqrt()) < 0.05


def test_a_column_of_mostly_one_value_is_scaled_by_its_deviation():
    x = torch.zeros_like(U)
    x[:10] = 1e6
    assert 0 < float(input_scaler(x).scale) < 1e6
