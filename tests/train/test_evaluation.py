from __future__ import annotations

import pytest
import torch

from edgewise.network import build
from edgewise.testing import state_bits
from edgewise.train.data.data import Data
from edgewise.train.evaluation import Evaluation
from edgewise.train.objective.loss import as_loss
from edgewise.train.objective.metrics import as_metrics
from edgewise.train.objective.objective import Report
from edgewise.train.step.batches import ShuffledBatches

X = torch.linspace(-1, 1, 10)[:, None]


def evaluation(**parts) -> Evaluation:
    return Evaluation(build([1, 1], seed=0), Data(X, X.sin(), **parts), as_loss("mse"), as_metrics("mae"))


def test_measuring_changes_nothing_and_keeps_no_history():
    measured = evaluation()
    before = state_bits(measured.model)
    values = measured.measure()
    assert set(values) == {"train_loss", "mse", "mae"} and measured.history == {}
    assert values["train_loss"] == pytest.approx(values["mse"] ** 0.5)
    assert state_bits(measured.model) == before and measured.model.training


def test_every_part_is_measured_with_its_own_rows():
    measured = evaluation(test_x=X[:2], test_y=X[:2], validation_x=X[:3], validation_y=X[:3])
    values = measured.measure()
    for part, rows in (("test", 2), ("validation", 3)):
        expected = (measured.model(X[:rows]) - X[:rows]).square().mean().sqrt().item()
        assert values[f"{part}_loss"] == pytest.approx(expected)
        assert measured.loss_on(part) == pytest.approx(expected)
        assert f"{part}_mae" in values
    assert evaluation().loss_on("test") is None


def test_records_collect():
    measured = evaluation()
    for loss in (4.0, 1.0):
        measured.record(Report(loss + 1, loss, 0.5))
    assert measured.history["train_loss"] == [2.0, 1.0]
    assert measured.history["penalty"] == [0.5, 0.5] and len(measured.history["mae"]) == 2


def test_streamed_loss_is_the_mean_by_sample():
    measured = evaluation(batches=[1])
    batches = ShuffledBatches(Data(X, X.sin()), 4)
    assert measured.train_loss(batches) == pytest.approx(measured.train_loss())
