"""The forward pass taken apart gives what the forward pass gives."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from edgewise.network import Layer, Network, Scaler, build, set_formula
from edgewise.network.walk import forward_with, walk

X = torch.rand(9, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def network() -> Network:
    model = build(
        [3, (2, 1), 2],
        seed=0,
        dtype=torch.float64,
        input_scaler=Scaler.of(X),
        output_scaler=Scaler(torch.tensor([1.0, 2.0]), torch.tensor([3.0, 0.5])),
    )
    model.select_columns(torch.tensor([2, 0, 1]))
    return set_formula(model, (0, 0, 1), "sin", (2.0, 0.0, 1.0, 0.0))


def by_parts(l: int, layer: Layer, h: Tensor) -> Tensor:
    return layer.nodes(layer.basis(h) + layer.formula(h))


def test_a_walk_gives_what_each_layer_sees() -> None:
    model = network()
    seen = list(walk(model, X))
    assert [l for l, _, _ in seen] == [0, 1]
    assert [layer for _, layer, _ in seen] == list(model.layers)
    torch.testing.assert_close(seen[0][2], model.prepare_inputs(X), rtol=0, atol=0)
    torch.testing.assert_close(seen[1][2], model.layers[0](model.prepare_inputs(X)), rtol=0, atol=0)


def test_the_last_layer_on_what_it_sees_gives_the_outputs() -> None:
    model = network()
    *_, (_, layer, h) = walk(model, X)
    torch.testing.assert_close(model.finish_outputs(layer(h)), model(X))


def test_a_layer_changed_on_the_way_runs_as_changed() -> None:
    model = network()
    with torch.no_grad():
        for l, layer, h in walk(model, X):
            if l == 0:
                layer.nodes.node_bias.add_(1.0)
                expected = layer(h)
            else:
                torch.testing.assert_close(h, expected, rtol=0, atol=0)


def test_the_last_layer_does_not_run() -> None:
    model, runs = network(), list[int]()
    for l, layer in enumerate(model.layers):
        layer.register_forward_hook(lambda *_, l=l: runs.append(l))
    list(walk(model, X))
    assert runs == [0]


def test_layers_run_from_outside_give_the_same_outputs() -> None:
    model = network()
    torch.testing.assert_close(forward_with(model, model.prepare_inputs(X), by_parts), model(X))


@pytest.mark.parametrize("shape", [(3,), (2, 4, 3)])
def test_leading_dimensions_stay(shape: tuple[int, ...]) -> None:
    model, x = network(), torch.zeros(shape, dtype=torch.float64)
    assert forward_with(model, model.prepare_inputs(x), by_parts).shape == (*shape[:-1], 2)
    assert [tuple(h.shape[:-1]) for *_, h in walk(model, x)] == [shape[:-1]] * 2
