from __future__ import annotations

import numpy as np
import pytest
import torch

from edgewise.errors import InputError, ShapeError
from edgewise.network import Scaler, build, select_nodes
from edgewise.plots.samples import as_samples
from edgewise.spline import domain
from edgewise.train import as_data


def test_without_samples_they_cover_the_grid():
    model = build([2, 1], seed=0, grid_range=(-3, 2))
    x = as_samples(model, None, "plot")
    low, high = domain(model.layers[0].basis.knots, 3)
    assert bool((x >= low).all() and (x <= high).all())
    assert torch.equal(x, as_samples(model, None, "plot"))
    np.testing.assert_allclose([x.min(), x.max()], [-3, 2], atol=0.1)


def test_the_grid_is_taken_back_through_the_scaler_and_the_columns():
    scaler = Scaler(torch.tensor([100.0, 0.0, 0.0]), torch.tensor([10.0, 1.0, 1.0]))
    model = select_nodes(build([3, 1], seed=0, input_scaler=scaler), [[0], [0]])
    x = as_samples(model, None, "plot")
    assert x.shape[1] == 3
    np.testing.assert_allclose([x[:, 0].min(), x[:, 0].max()], [90, 110], atol=0.5)


def test_every_form_is_read():
    pandas = pytest.importorskip("pandas")
    model = build([2, 1])
    x = torch.arange(12.0).reshape(6, 2)
    y = x[:, :1]
    forms = [
        x.numpy(),
        x.tolist(),
        (x, y),
        {"train_input": x},
        pandas.DataFrame(x.numpy()),
        as_data((x, y)),
        x.int(),
    ]
    for form in [*forms, x.reshape(2, 3, 2)]:
        assert torch.equal(as_samples(model, form, "plot"), x)


def test_a_vector_will_do_for_one_input():
    assert as_samples(build([1, 1]), [1.0, 2.0], "plot").shape == (2, 1)


def test_samples_get_the_dtype_of_the_model():
    for x in (None, np.zeros((4, 2), dtype=np.float32)):
        assert as_samples(build([2, 1], dtype=torch.float64), x, "plot").dtype == torch.float64


@pytest.mark.parametrize("x", [torch.zeros(3, 1), torch.zeros(2), torch.zeros(0), 3.0])
def test_wrong_shapes_are_refused(x):
    with pytest.raises(ShapeError, match="plot: x must have 2 columns"):
        as_samples(build([2, 1]), x, "plot")


@pytest.mark.parametrize(
    "x", [torch.zeros(0, 2), {"x": 1}, torch.tensor([[0.0, float("nan")]]), [["a", "b"]]]
)
def test_what_is_no_sample_is_refused(x):
    with pytest.raises(InputError, match="plot: x must"):
        as_samples(build([2, 1]), x, "plot")
