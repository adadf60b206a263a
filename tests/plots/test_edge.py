from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from edgewise.errors import InputError
from edgewise.network import Scaler, build, mask_edges, set_formula
from edgewise.plots import plot_edge


def line(figure, label):
    return next(line for line in figure.axes[0].lines if line.get_label().startswith(label))


def test_base_and_spline_add_up_to_the_edge():
    model = build([2, 5, 1], seed=0, dtype=torch.float64)
    figure = plot_edge(model, (0, 1, 4), torch.randn(40, 2, generator=torch.Generator().manual_seed(0)))
    x, y = line(figure, "edge").get_data()
    both = torch.as_tensor(np.stack([x, x], 1))
    np.testing.assert_allclose(y, model.layers[0].edges(both)[:, 1, 4].detach(), atol=1e-12)
    np.testing.assert_allclose(y, line(figure, "base").get_ydata() + line(figure, "spline").get_ydata())
    assert len(line(figure, "knots").get_xdata()) == model.grid[0] + 1


def test_a_formula_is_compared_with_the_spline_beneath():
    model = build([1, 1], seed=0, dtype=torch.float64)
    x = torch.linspace(-1, 1, 50, dtype=torch.float64)[:, None]
    model = set_formula(model, (0, 0, 0), "x^2", (1.0, 0.5, 2.0, -1.0))
    figure = plot_edge(model, (0, 0, 0), x)
    values = line(figure, "edge")
    np.testing.assert_allclose(values.get_ydata(), 2 * (values.get_xdata() + 0.5) ** 2 - 1, atol=1e-12)
    assert "$R^2" in line(figure, "spline beneath").get_label()
    assert figure.axes[0].get_title(loc="left") == "edge (0, 0, 0), formula: 2 (1 x + 0.5)^2 - 1"


def test_inputs_are_in_the_units_of_the_data():
    model = build([1, 1], seed=0, input_scaler=Scaler(torch.tensor([100.0]), torch.tensor([10.0])))
    low, high = plot_edge(model, (0, 0, 0)).axes[0].get_xlim()
    assert (low, high) == pytest.approx((90.0, 110.0))


@pytest.mark.parametrize("edge", [(0, 0, 0), (1, 0, 0)])
def test_masked_edges_and_one_sample(edge):
    model = mask_edges(build([2, 1, 1], seed=0), [edge])
    figure = plot_edge(model, edge, torch.zeros(1, 2))
    assert np.ptp(line(figure, "edge").get_ydata()) == 0
    figure.savefig(io.BytesIO())


def test_draws_on_given_axes_and_leaves_no_trace(no_side_effects):
    figure = Figure()
    model = build([2, 1], seed=0)
    assert plot_edge(model, (0, 1, 0), ax=figure.add_subplot()) is figure
    plot_edge(model, (0, 1, 0)).savefig(io.BytesIO())


@pytest.mark.parametrize("edge", [(1, 0, 0), (0, 2, 0), (0, 0, 1), (0, 0), "no"])
def test_edges_that_are_not_there_are_refused(edge):
    with pytest.raises(InputError, match="edge"):
        plot_edge(build([2, 1]), edge)


def test_bad_samples_are_refused():
    with pytest.raises(InputError, match="plot_edge: x must be finite"):
        plot_edge(build([1, 1]), (0, 0, 0), torch.tensor([[float("inf")]]))
