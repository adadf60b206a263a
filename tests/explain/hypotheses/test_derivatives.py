from __future__ import annotations

import pytest
import torch

from edgewise import KAN
from edgewise.errors import InputError, ShapeError
from edgewise.explain.hypotheses.derivatives import derivatives_of, smooth_function, typical


def samples(rows=60, columns=3) -> torch.Tensor:
    return torch.rand(rows, columns, generator=torch.Generator().manual_seed(0), dtype=torch.float64) + 0.5


def test_derivatives_are_those_of_the_formula():
    x = samples()
    at = derivatives_of(lambda x: x[:, 0] ** 2 * torch.sin(x[:, 1]), x)
    a, b, _ = x.unbind(1)
    torch.testing.assert_close(
        at.gradient / at.spread, torch.stack([2 * a * b.sin(), a**2 * b.cos(), 0 * a], 1)
    )
    torch.testing.assert_close(at.hessian[:, 0, 1] / at.spread[0] / at.spread[1], 2 * a * b.cos())
    assert at.names == ("x_1", "x_2", "x_3")


@pytest.mark.parametrize("f", [lambda x: x.sum(1), lambda x: x[:, 0] * 0 + 1, lambda x: torch.ones(len(x))])
def test_lines_and_constants_have_zero_hessians(f):
    assert float(derivatives_of(f, samples()).hessian.abs().max()) == 0


@pytest.mark.parametrize("k", [2, 3])
def test_networks_of_any_dtype_are_left_as_they_are(k):
    model = KAN([3, 4, 2], k=k)
    at = derivatives_of(model, samples().float(), output=1)
    assert at.values.dtype == torch.float64
    assert model.dtype == torch.float32
    torch.testing.assert_close(at.values, model(samples().float())[:, 1].double(), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(
    "f",
    [
        torch.nn.Sequential(torch.nn.Linear(3, 20), torch.nn.ReLU(), torch.nn.Linear(20, 1)),
        lambda x: (x[:, 0] - x[:, 1]).abs(),
        lambda x: torch.maximum(x[:, 0], x[:, 1]) * 1e9,
    ],
)
def test_kinks_are_refused_as_they_hide_interactions(f):
    torch.manual_seed(0)
    with pytest.raises(InputError, match="twice differentiable"):
        derivatives_of(f, samples(300))


@pytest.mark.parametrize(
    "f", [lambda x: torch.sin(60 * x[:, 0]), lambda x: 1 / (x[:, 0] - 0.4999), lambda x: 1e-9 * x[:, 0] ** 2]
)
def test_fast_waves_and_near_poles_are_no_kinks(f):
    derivatives_of(f, samples(300))


def test_samples_where_the_function_is_not_finite_are_left_out():
    x = samples()
    x[0, 0] = 0
    assert len(derivatives_of(lambda x: 1 / x[:, 0], x).values) == len(x) - 1
    with pytest.raises(InputError, match="must be finite"):
        derivatives_of(lambda x: (x[:, 0] - 2).sqrt(), x)


@pytest.mark.parametrize(
    ("f", "x", "error"),
    [
        (lambda x: x.sum(1), torch.ones(3, 2), ShapeError),
        (lambda x: x.sum(), torch.rand(20, 2), ShapeError),
        (lambda x: 1.0, torch.rand(20, 2), ShapeError),
        (lambda x: x.sum(1), torch.full((20, 2), float("nan")), InputError),
    ],
)
def test_bad_arguments(f, x, error):
    with pytest.raises(error):
        smooth_function(f, x, None, 0, "f")


def test_bad_names_and_outputs():
    with pytest.raises(InputError, match="names must be different"):
        derivatives_of(lambda x: x.sum(1), samples(), names=["a", "a", "b"])
    with pytest.raises(InputError, match="output must be"):
        derivatives_of(lambda x: x.sum(1), samples(), output=1)


def test_typical_is_not_moved_by_a_few_large_values():
    values = torch.ones(100)
    values[:3] = 1e12
    assert typical(values) == 1
