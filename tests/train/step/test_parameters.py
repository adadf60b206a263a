from __future__ import annotations

import pytest
import torch
from torch import nn

from edgewise.errors import InputError
from edgewise.network import build
from edgewise.testing import state_bits
from edgewise.train.step.parameters import FlatParameters, Snapshot, trainable


def test_trainable_leaves_out_frozen_and_empty():
    model = nn.Linear(2, 1)
    model.bias.requires_grad_(False)
    model.empty = nn.Parameter(torch.zeros(0))
    assert [id(p) for p in trainable(model)] == [id(model.weight)]
    with pytest.raises(InputError, match=r"^fit: model must have a parameter"):
        trainable(model.requires_grad_(False))


def test_writing_is_undone_by_reading():
    model = build([2, 2, 1], seed=0)
    flat, before = FlatParameters(trainable(model)), state_bits(model)
    vector = flat.read()
    flat.write(vector + 1)
    assert torch.equal(flat.read(), vector + 1) and state_bits(model) != before
    flat.write(vector)
    assert state_bits(model) == before


def test_read_is_a_copy():
    flat = FlatParameters([nn.Parameter(torch.ones(2))])
    flat.read().zero_()
    assert torch.equal(flat.read(), torch.ones(2))


def test_gradient_counts_unused_as_zero():
    used, unused = nn.Parameter(torch.tensor([[1.0, 2.0]])), nn.Parameter(torch.ones(1))
    flat = FlatParameters([used, unused])
    assert flat.gradient((used**2).sum()).tolist() == [2.0, 4.0, 0.0]
    assert used.grad is None


def test_mixed_types_keep_their_own():
    parameters = [nn.Parameter(torch.ones(1)), nn.Parameter(torch.ones(1, dtype=torch.float64))]
    flat = FlatParameters(parameters)
    flat.write(torch.tensor([2.0, 1 / 3], dtype=torch.float64))
    assert parameters[0].dtype == torch.float32 and parameters[1].item() == 1 / 3


def test_snapshot_holds_parameters_and_buffers():
    model = build([1, 1], seed=0)
    kept, before = Snapshot(model), state_bits(model)
    with torch.no_grad():
        for tensor in (*model.parameters(), *model.buffers()):
            tensor.add_(1)
    changed = state_bits(model)
    kept.restore()
    assert state_bits(model) == before
    with torch.no_grad():
        for tensor in (*model.parameters(), *model.buffers()):
            tensor.add_(1)
    kept.take()
    kept.restore()
    assert state_bits(model) == changed


def test_offsets_tell_where_tensors_begin():
    first, second = nn.Parameter(torch.ones(3)), nn.Parameter(torch.ones(2, 2))
    assert FlatParameters([first, second]).offsets([second, torch.ones(1), first]) == [3, -1, 0]
