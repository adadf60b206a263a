from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest
import torch

from edgewise.errors import InputError, ShapeError
from edgewise.network import Network, Scaler, build, mask_edges, select_nodes, set_formula, trace
from edgewise.testing import check_quiet, state_bits


def mixed() -> Network:
    """Products, formula edges, an edge off, and scalers."""
    scaler = Scaler(torch.tensor([0.1, -0.2]), torch.tensor([2.0, 0.5]))
    model = build([2, (2, 1), 1], affine_trainable=True, dtype=torch.float64, input_scaler=scaler,
                  output_scaler=Scaler(torch.tensor([3.0]), torch.tensor([2.0])))  # fmt: skip
    model = set_formula(model, (0, 0, 0), "sin", (1.5, 0.2, 0.7, 0.1))
    model = set_formula(model, (0, 1, 0), "x^2")
    with torch.no_grad():
        model.layers[0].nodes.subnode_scale.mul_(1.5)
        model.layers[0].nodes.subnode_bias.add_(0.3)
    return mask_edges(model, [(0, 0, 1)])


X = torch.rand(30, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 2 - 1


def test_every_part_is_what_forward_goes_through():
    model = mixed()
    seen = trace(model, X)
    torch.testing.assert_close(seen.inputs, model.input_scaler(X))
    h = seen.inputs
    for layer, part in zip(model.layers, seen.layers, strict=True):
        torch.testing.assert_close(part.inputs, h)
        torch.testing.assert_close(part.edges.sum(1), part.sums)
        torch.testing.assert_close(part.edge_mean, part.edges.mean(0))
        torch.testing.assert_close(part.edge_std, part.edges.std(0, correction=0))
        torch.testing.assert_close(part.outputs, layer.nodes(part.sums))
        h = part.outputs
    torch.testing.assert_close(model.output_scaler.inverse(seen.outputs), model(X))
    assert float(seen.layers[0].edge_std[0, 1]) == 0


def test_without_edges_the_moments_are_the_same():
    model = mixed()
    short, full = trace(model, X, edges=False), trace(model, X)
    for part, whole in zip(short.layers, full.layers, strict=True):
        assert part.edges is None
        assert torch.equal(part.edge_std, whole.edge_std)


def test_nothing_is_attached_to_the_graph_and_the_model_stays_as_it_was():
    model = mixed()
    before = state_bits(model)
    seen = check_quiet(lambda: trace(model, X))
    assert not any(value.requires_grad for part in seen.layers for value in vars(part).values())
    assert state_bits(model) == before
    with pytest.raises(FrozenInstanceError):
        seen.layers = ()


def test_leading_dimensions_are_flattened_and_columns_selected():
    model = select_nodes(build([3, 2, 1], dtype=torch.float64), [[2, 0], [0, 1], [0]])
    x = torch.arange(24, dtype=torch.float64).reshape(2, 4, 3)
    assert torch.equal(trace(model, x).inputs, x.reshape(8, 3)[:, [2, 0]])


def test_one_sample_has_spread_0():
    assert torch.equal(trace(build([2, 3, 1]), torch.zeros(1, 2)).layers[0].edge_std, torch.zeros(2, 3))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_value_that_is_not_finite_is_refused_by_the_name_of_its_column(value):
    x = torch.zeros(5, 3)
    x[2, 1] = value
    model = select_nodes(build([3, 1], input_names=["mass", "age", "size"]), [[2, 1], [0]])
    with pytest.raises(InputError, match="NaN or infinity in 1 of . rows, the first in column age"):
        trace(model, x)


def test_no_samples_and_wrong_columns_are_refused():
    with pytest.raises(InputError, match="trace: x must hold at least one sample"):
        trace(build([2, 1]), torch.zeros(0, 2))
    with pytest.raises(ShapeError, match="x must have 2 columns"):
        trace(build([2, 1]), torch.zeros(4, 3))
