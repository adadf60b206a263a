from __future__ import annotations

import pytest
import torch
from torch import nn

from edgewise.train import outputs
from edgewise.train.outputs import predict_in_chunks


def test_no_graph_and_modes_put_back():
    model = nn.Sequential(nn.Dropout(0.9), nn.Dropout(0.9), nn.Softplus()).train()
    model[1].eval()
    x = torch.ones(4, 1, requires_grad=True)
    result = predict_in_chunks(model, x)
    assert torch.equal(result, nn.functional.softplus(x)) and not result.requires_grad
    assert [module.training for module in model.modules()] == [True, True, False, True]


def test_modes_are_put_back_after_an_error():
    model = nn.Linear(1, 1)
    with pytest.raises(RuntimeError):
        predict_in_chunks(model, torch.ones(1, 2))
    assert model.training


def test_many_rows_in_parts_are_the_same(monkeypatch):
    model, x = nn.Identity(), torch.arange(10.0)[:, None]
    monkeypatch.setattr(outputs, "_ROWS_AT_ONCE", 3)
    assert torch.equal(predict_in_chunks(model, x), x)
