from __future__ import annotations

import torch

from edgewise.network import build
from edgewise.network.execution.parameters import flat_offsets, layer_parameters, parameters_of


def test_six_to_a_layer_in_order():
    model = build([2, 3, 1], seed=0)
    parts = parameters_of(model.layers)
    assert len(parts) == 12
    assert all(a is b for a, b in zip(parts[6:], layer_parameters(model.layers[1]), strict=True))
    assert parts[0] is model.layers[0].basis.coef and parts[5] is model.layers[0].nodes.node_bias


def test_offsets_leave_out_what_is_not_trained():
    model = build([2, 3, 1], seed=0)
    parts = parameters_of(model.layers)
    offsets, length = flat_offsets(parts)
    assert length == sum(part.numel() for part in model.parameters() if part.requires_grad)
    assert [offset < 0 for offset in offsets] == [not part.requires_grad for part in parts]
    flat = torch.zeros(length)
    for part, offset in zip(parts, offsets, strict=True):
        if offset >= 0:
            flat[offset : offset + part.numel()] += 1
    assert bool((flat == 1).all())
