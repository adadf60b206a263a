from __future__ import annotations

import pytest
import torch

from edgewise.network import build, update_grid
from edgewise.optim import LBFGS
from edgewise.train.data.data import Data
from edgewise.train.objective.loss import as_loss
from edgewise.train.objective.objective import Objective, report
from edgewise.train.objective.penalty import Penalty
from edgewise.train.step.batches import ShuffledBatches
from edgewise.train.step.engine import full_batch_engine
from edgewise.train.step.parameters import Snapshot, trainable
from edgewise.train.step.torch_engine import TorchBatchEngine, TorchEngine, set_gradients

X = torch.rand(30, 1, generator=torch.Generator().manual_seed(0)) * 4 - 2
DATA = Data(X, X.sin())


def engine_of(kind: str, lamb: float = 0.01):
    model = build([1, 1], seed=0)
    objective, parameters = Objective(model, as_loss("mse"), Penalty(lamb)), trainable(model)
    if kind == "ours":
        return full_batch_engine(LBFGS(max_iterations_per_step=2), objective, DATA, parameters), objective
    adam = torch.optim.Adam(parameters, lr=1e-2)
    if kind == "full":
        return TorchEngine(objective, DATA, parameters, adam), objective
    return TorchBatchEngine(objective, ShuffledBatches(DATA, 8), parameters, adam), objective


@pytest.mark.parametrize("lamb", [0.0, 0.01])
@pytest.mark.parametrize("kind", ["ours", "full"])
def test_a_step_reports_the_weights_it_leaves(kind, lamb):
    engine, objective = engine_of(kind, lamb)
    for _ in range(2):
        got, expected = engine.step(), report(objective(DATA.x, DATA.y))
        assert got == engine.current
        assert got.objective == pytest.approx(expected.objective, rel=1e-5)
        assert got.loss == pytest.approx(expected.loss, rel=1e-4)
        assert got.penalty == (None if lamb == 0 else pytest.approx(expected.penalty, rel=1e-4))


@pytest.mark.parametrize("kind", ["ours", "full"])
def test_restart_measures_anew_and_undo_restart_goes_back(kind):
    engine, objective = engine_of(kind)
    engine.step()
    before, kept = engine.current, Snapshot(objective.model)
    update_grid(objective.model, X)
    with torch.no_grad():
        objective.model.layers[0].basis.coef.add_(1.0)
    after = engine.restart()
    assert after.objective == pytest.approx(report(objective(DATA.x, DATA.y)).objective, rel=1e-5)
    assert after.objective > before.objective
    kept.restore()
    engine.undo_restart()
    assert engine.current.objective == pytest.approx(before.objective, rel=1e-6)
    assert engine.step().objective < after.objective


def test_evaluations_are_counted():
    engine, _ = engine_of("mini")
    engine.step()
    assert engine.evaluations == 4
    engine, _ = engine_of("full")
    engine.step()
    assert engine.evaluations == 2  # once to begin with, once after the step


def test_a_mini_batch_step_reports_the_mean_by_sample():
    engine, objective = engine_of("mini")
    assert engine.current.loss == pytest.approx(report(objective(DATA.x, DATA.y)).loss, rel=1e-5)
    for group in engine._optimiser.param_groups:
        group["lr"] = 0.0
    expected = report(objective(DATA.x, DATA.y))
    assert engine.step().loss == pytest.approx(expected.loss, rel=1e-5)


def test_gradients_of_what_does_not_matter_are_none():
    used, unused = (torch.nn.Parameter(torch.ones(1)) for _ in range(2))
    set_gradients([used, unused], (2 * used).sum())
    assert used.grad.item() == 2.0 and unused.grad is None
