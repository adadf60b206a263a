from __future__ import annotations

import numpy as np
import pytest
import torch

from edgewise.network import build, mask_edges, set_formula
from edgewise.network.plain_arrays import plain_arrays


def test_masks_are_in_the_coefficients():
    model = mask_edges(build([2, 1], dtype=torch.float64), [(0, 1, 0)])
    splines = plain_arrays(model).layers[0].splines
    assert np.array_equal(splines.coef[0], model.layers[0].basis.coef[0].detach().numpy())
    assert not splines.coef[1].any() and not splines.base_weights[1].any()


def test_slopes_are_those_of_the_splines_at_the_ends():
    model = build([1, 1], base="zero", dtype=torch.float64)
    splines = plain_arrays(model).layers[0].splines
    x = torch.tensor([[-2.0], [-1.0], [1.0], [2.0]], dtype=torch.float64)
    with torch.no_grad():
        y = model(x)[:, 0]
    assert splines.left_slopes[0, 0] == pytest.approx(float(y[1] - y[0]))
    assert splines.right_slopes[0, 0] == pytest.approx(float(y[3] - y[2]))


def test_a_network_of_formulas_needs_no_splines():
    layer = plain_arrays(set_formula(build([1, 1]), (0, 0, 0), "sin", (2.0, 0.0, 1.0, 0.0))).layers[0]
    assert not layer.splines.needed
    assert [(edge.i, edge.j, edge.function.name) for edge in layer.formulas] == [(0, 0, "sin")]
    assert layer.formulas[0].affine == (2.0, 0.0, 1.0, 0.0)
