from __future__ import annotations

import pytest
import torch

from edgewise.errors import InputError, ShapeError
from edgewise.network import Scaler


def test_of_data_gives_mean_0_and_deviation_1_and_back():
    data = torch.randn(200, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 1e5 + 3e6
    scaler = Scaler.of(data)
    scaled = scaler(data)
    torch.testing.assert_close(scaled.mean(0), torch.zeros(3, dtype=torch.float64), atol=1e-9, rtol=0)
    torch.testing.assert_close(scaled.std(0, correction=0), torch.ones(3, dtype=torch.float64))
    torch.testing.assert_close(scaler.inverse(scaled), data)


@pytest.mark.parametrize("value", [0.0, 5.0, -1e12])
def test_constant_column_and_single_sample_are_only_shifted(value):
    for rows in (1, 10):
        scaler = Scaler.of(torch.full((rows, 1), value))
        assert scaler.scale.tolist() == [1.0]
        assert scaler(torch.full((1, 1), value)).tolist() == [[0.0]]


@pytest.mark.parametrize(
    ("shift", "scale"), [([0.0], [0.0]), ([0.0], [-1.0]), ([float("nan")], [1.0]), ([0.0], [float("inf")])]
)
def test_scale_that_is_not_positive_and_finite_is_refused(shift, scale):
    with pytest.raises(InputError, match="scale positive"):
        Scaler(torch.tensor(shift), torch.tensor(scale))


def test_nan_in_the_data_is_refused():
    with pytest.raises(InputError, match="finite"):
        Scaler.of(torch.tensor([[1.0], [float("nan")]]))


def test_shapes_that_differ_are_refused():
    with pytest.raises(ShapeError, match="vectors of one length"):
        Scaler(torch.zeros(2), torch.ones(3))


def test_is_independent_of_what_it_was_made_from_and_moves_with_to():
    shift = torch.zeros(2)
    scaler = Scaler(shift, torch.ones(2))
    shift.add_(1)
    assert scaler.shift.tolist() == [0.0, 0.0]
    assert scaler.to(torch.float64).scale.dtype == torch.float64


def test_select_keeps_columns_in_order():
    scaler = Scaler(torch.tensor([1.0, 2.0, 3.0]), torch.ones(3)).select([2, 0])
    assert scaler.shift.tolist() == [3.0, 1.0]
