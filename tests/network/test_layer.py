from __future__ import annotations

import pytest
import torch

from edgewise.errors import InputError, ShapeError
from edgewise.layers import FormulaLayer, KANLayer, NodeLayer
from edgewise.network import Layer


def layer() -> Layer:
    spline = KANLayer(2, 3, dtype=torch.float64, seed=0)
    spline.mask[[0, 1, 1], [0, 0, 2]] = 0
    formula = FormulaLayer(2, 3, dtype=torch.float64).with_edge(0, 0, "sin").with_edge(1, 0, "x^2")
    return Layer(spline, formula, NodeLayer(1, (2,), dtype=torch.float64))


X = torch.linspace(-0.8, 0.9, 12, dtype=torch.float64).reshape(6, 2)


def test_spline_and_formula_edges_add_then_products():
    s = layer()
    z = s.basis(X) + s.formula(X)
    torch.testing.assert_close(s(X), torch.stack([z[:, 0], z[:, 1] * z[:, 2]], 1))
    torch.testing.assert_close(s.edges(X).sum(1), s.sums(X))


def test_kinds_of_edges():
    s = layer()
    assert s.edge_kind(0, 0) == "formula"
    assert s.edge_kind(1, 0) == "formula"
    assert s.edge_kind(0, 1) == "spline"
    assert s.edge_kind(1, 2) == "off"


def test_an_edge_is_learnable_or_a_formula():
    with pytest.raises(InputError, match="learnable or a formula"):
        Layer(KANLayer(1, 1), FormulaLayer(1, 1).with_edge(0, 0, "sin"), NodeLayer(1))


def test_the_learnable_edges_must_keep_the_protocol():
    with pytest.raises(InputError, match="basis must be a LinearEdgeLayer; got a Linear"):
        Layer(torch.nn.Linear(2, 3), FormulaLayer(2, 3), NodeLayer(3))


def test_select_keeps_products_whole():
    part = layer().select([1], [1])
    assert (part.in_features, part.subnodes, part.out_features) == (1, 2, 1)
    assert part.edge_kind(0, 1) == "off"


def test_parts_that_do_not_fit_are_refused():
    with pytest.raises(ShapeError, match="must fit"):
        Layer(KANLayer(2, 3), FormulaLayer(2, 2), NodeLayer(3))
    with pytest.raises(ShapeError, match="sub-nodes"):
        Layer(KANLayer(2, 3), FormulaLayer(2, 3), NodeLayer(1, (3,)))
