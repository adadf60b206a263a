from __future__ import annotations

import numpy as np
import pytest
import torch

from edgewise.network import Scaler, build, set_formula, trace
from edgewise.plots.curves import Curve, curves


def curve(model, x, edge=(0, 0, 0), points=False):
    return curves(model, trace(model, x, edges=points), [edge])[edge]


def test_curves_are_the_edges_over_the_range_of_their_inputs(generator):
    model = build([2, 3, 1], seed=0, dtype=torch.float64)
    x = torch.rand(40, 2, generator=generator, dtype=torch.float64)
    seen = trace(model, x)
    found = curves(model, seen, model.active_edges())
    assert sorted(found) == sorted(model.active_edges())
    for (layer, i, j), drawn in found.items():
        column = seen.layers[layer].inputs[:, i]
        assert (drawn.x[0], drawn.x[-1]) == (float(column.min()), float(column.max()))
        inputs = torch.zeros(len(drawn.x), model.layers[layer].in_features, dtype=torch.float64)
        inputs[:, i] = torch.as_tensor(drawn.x)
        np.testing.assert_allclose(drawn.y, model.layers[layer].edges(inputs)[:, i, j].detach(), atol=1e-12)


def test_points_are_samples_on_the_curve(generator):
    model = build([2, 1], seed=0, dtype=torch.float64)
    x = torch.rand(300, 2, generator=generator, dtype=torch.float64)
    drawn = curve(model, x, (0, 1, 0), points=True)
    assert 5 < len(drawn.points) < 100
    np.testing.assert_allclose(
        drawn.points[:, 1], np.interp(*drawn.points[:, :1].T, drawn.x, drawn.y), atol=1e-3
    )
    assert len(curve(model, x).points) == 0


def test_kinds_and_functions():
    model = set_formula(build([2, 1], seed=0), (0, 0, 0), "sin")
    found = curves(model, trace(model, torch.zeros(9, 2)), model.active_edges())
    assert [(drawn.kind, drawn.function) for drawn in found.values()] == [
        ("formula", "sin"),
        ("spline", None),
    ]


@pytest.mark.parametrize("value", [0.0, 0.3, 7.0, -1e6])
def test_an_input_without_spread_is_given_the_grid(value):
    drawn = curve(build([1, 1], seed=0), torch.full((5, 1), value))
    assert drawn.x[0] == pytest.approx(min(-1, value)) and drawn.x[-1] == pytest.approx(max(1, value))
    assert np.isfinite(drawn.y).all()


def test_inputs_are_in_the_units_of_the_data():
    model = build([1, 1], seed=0, input_scaler=Scaler(torch.tensor([100.0]), torch.tensor([10.0])))
    drawn = curve(model, torch.tensor([[90.0], [110.0]]), points=True)
    assert (drawn.x[0], drawn.x[-1]) == (90, 110)
    assert drawn.points[:, 0].tolist() == [90, 110]


def test_a_constant_has_a_range_about_it():
    flat = Curve(
        np.linspace(0, 1, 9), np.full(9, 0.25) + 1e-9 * np.arange(9), "spline", None, np.empty((0, 2))
    )
    low, high = flat.y_range
    assert low < 0.25 - 0.2 and high > 0.25 + 0.2


def test_the_range_of_a_formula_leaves_out_its_pole():
    model = set_formula(build([1, 1], seed=0), (0, 0, 0), "1/x^5", (1.0, 0.003, 1.0, 0.0))
    drawn = curve(model, torch.linspace(-1, 1, 41)[:, None])
    low, high = drawn.y_range
    assert high - low < 1e-2 * np.ptp(drawn.y)


def test_the_range_of_a_spline_holds_all_of_it():
    model = build([1, 1], seed=0, grid=100)
    with torch.no_grad():
        model.layers[0].basis.coef.zero_()
        model.layers[0].basis.scale_base.fill_(1e-4)
        model.layers[0].basis.coef[0, 51] = 1.0
    drawn = curve(model, torch.linspace(-1, 1, 41)[:, None])
    assert drawn.y_range == (drawn.y.min(), drawn.y.max())


def test_nothing_finite_to_draw_has_a_range():
    assert Curve(np.zeros(2), np.full(2, np.nan), "formula", "log", np.empty((0, 2))).y_range == (-1, 1)


def test_an_edge_that_refuses_to_extrapolate_is_drawn_inside_its_grid():
    model = build([1, 1], seed=0, extrapolation="error")
    assert np.isfinite(curve(model, torch.tensor([[-1.0], [0.3], [1.0]])).y).all()
