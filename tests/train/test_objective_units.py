"""The penalty in the units of the loss: the targets' unit changes nothing."""

from __future__ import annotations

import pytest
import torch

from edgewise import KAN, Scaler
from edgewise.train.objective.loss import as_loss
from edgewise.train.objective.objective import Objective
from edgewise.train.objective.penalty import Penalty
from edgewise.train.step import fused


def samples(unit):
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(200, 2, generator=generator, dtype=torch.float64) * 2 - 1
    return x, unit * torch.exp(x[:, :1])


@pytest.mark.parametrize("by_compiled_code", [True, False])
def test_pruned_networks_do_not_depend_on_the_unit_of_the_targets(monkeypatch, by_compiled_code):
    if not by_compiled_code:
        monkeypatch.setattr(fused, "fused_description", lambda *_: None)
    losses, widths = [], []
    for unit in (1.0, 1000.0):
        x, y = samples(unit)
        model = KAN([2, 3, 1], seed=0, dtype=torch.float64, output_scaler=Scaler.of(y))
        losses.append(model.fit((x, y), steps=20, lamb=1e-2, update_grid=False).train_loss / unit)
        widths.append(model.prune().width)
    assert losses[0] == pytest.approx(losses[1], rel=0.1)
    assert widths[0] == widths[1]


def test_the_weight_of_the_penalty():
    _, y = samples(10.0)
    model = KAN([2, 1], dtype=torch.float64, output_scaler=Scaler.of(y))
    scale = float(model.output_scaler.scale)
    penalty = Penalty(0.5)
    assert Objective(model, as_loss("mse"), penalty).weight == pytest.approx(0.5 * scale**2)
    assert Objective(model, as_loss("mae"), penalty).weight == pytest.approx(0.5 * scale)
    assert Objective(model, as_loss("huber"), penalty).weight == 0.5
    assert Objective(KAN([2, 1]), as_loss("mse"), penalty).weight == 0.5
