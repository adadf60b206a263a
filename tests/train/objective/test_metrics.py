from __future__ import annotations

import pytest
import torch

from edgewise.errors import InputError, UnknownName
from edgewise.train.objective.metrics import METRICS, accuracy, as_metrics, r2

A, B = torch.tensor([[1.0], [2.0], [4.0]]), torch.tensor([[1.0], [2.0], [3.0]])


def test_values_by_hand():
    assert r2(A, B).item() == pytest.approx(0.5)
    assert METRICS["mae"](A, B).item() == pytest.approx(1 / 3)
    assert METRICS["rmse"](A, B).item() == pytest.approx(3**-0.5)
    assert METRICS["max_error"](A, B).item() == 1.0


def test_r2_as_scikit_learn_has_it():
    sklearn = pytest.importorskip("sklearn.metrics")
    random = torch.Generator().manual_seed(0)
    a, b = (torch.rand(20, 1, generator=random, dtype=torch.float64) for _ in range(2))
    assert r2(a, b).item() == pytest.approx(sklearn.r2_score(b, a))


def test_r2_of_constant_targets_is_no_nan():
    assert not torch.isnan(r2(A, torch.ones(3, 1)))


@pytest.mark.parametrize(
    "target", [torch.tensor([0, 1, 1]), torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])]
)
def test_accuracy_of_classes(target):
    logits = torch.tensor([[2.0, 1.0], [0.0, 1.0], [3.0, 1.0]])
    assert accuracy(logits, target).item() == pytest.approx(2 / 3)


@pytest.mark.parametrize("shape", [(3,), (3, 1)])
def test_accuracy_of_one_logit_does_not_broadcast(shape):
    target = torch.tensor([1.0, 0.0, 1.0]).reshape(shape)
    assert accuracy(torch.tensor([[2.0], [-1.0], [-1.0]]), target).item() == pytest.approx(2 / 3)


def test_forms_and_names():
    assert as_metrics(None) == {}
    assert list(as_metrics(["r2", accuracy])) == ["r2", "accuracy"]
    assert as_metrics({"mine": r2}) == {"mine": r2}
    with pytest.raises(UnknownName, match="metrics must be one of"):
        as_metrics("r3")
    with pytest.raises(InputError, match="callables"):
        as_metrics([3])
    with pytest.raises(InputError, match="different names"):
        as_metrics(["r2", r2])


@pytest.mark.parametrize("unit", [1e-30, 1.0, 1e30])
def test_squares_need_not_be_in_the_type(unit):
    target = unit * torch.tensor([[1.0], [2.0], [4.0]])
    prediction = unit * torch.tensor([[1.0], [2.0], [3.0]])
    assert float(METRICS["r2"](prediction, target)) == pytest.approx(1 - 1 / (14 / 3), rel=1e-5)
    assert float(METRICS["rmse"](prediction, target)) == pytest.approx(unit * 3**-0.5, rel=1e-5)


def test_the_root_of_no_error_is_zero():
    assert float(METRICS["rmse"](torch.ones(3, 1), torch.ones(3, 1))) == 0.0
