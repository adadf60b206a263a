from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from edgewise.network import build
from edgewise.optim import LBFGS
from edgewise.testing import state_bits
from edgewise.train import evaluate, fit

X = torch.linspace(-1, 1, 40)[:, None]
Y = (3 * X).sin()
XY = torch.rand(50, 2, generator=torch.Generator().manual_seed(1)) * 2 - 1
Z = (XY[:, :1] * 2).sin() + XY[:, 1:] ** 2


def curve(**settings) -> nn.Module:
    return build([1, 1], seed=0, **settings)


class BreaksAt:
    """A mean square that does something else at one call, and perhaps at all later ones."""

    def __init__(self, call: int, then, always: bool = False) -> None:
        self.call, self.then, self.always = call, then, always

    def __call__(self, prediction, target):
        self.call -= 1
        value = F.mse_loss(prediction, target)
        return self.then(value) if self.call == 0 or (self.always and self.call < 0) else value


def interrupt(value):
    raise KeyboardInterrupt


@pytest.mark.parametrize("batch", [None, 16])
def test_ctrl_c_restores_the_best_weights(batch):
    model, kept = curve(), {}

    def callback(step, values):
        if step == 2:
            kept.update(state_bits(model))
            with torch.no_grad():
                for parameter in model.parameters():
                    parameter.mul_(50.0)
        if step == 3:
            raise KeyboardInterrupt

    settings = {"opt": "Adam", "batch": batch, "update_grid": False, "best": False}
    result = fit(model, (X, Y), steps=5, callback=callback, **settings)
    assert (result.stop.reason, result.steps) == ("interrupted", 3)
    assert state_bits(model) == kept


def test_ctrl_c_amid_a_step_restores_the_best_weights():
    model, kept, seen = build([2, 2, 1], seed=0), {}, []

    def callback(step, values):
        kept.update(state_bits(model))
        seen.append(step)

    opt = LBFGS(max_iterations_per_step=3)
    result = fit(
        model, (XY, Z), opt=opt, loss=BreaksAt(30, interrupt), steps=50, best=False, callback=callback
    )
    assert result.stop.reason == "interrupted" and seen
    assert state_bits(model) == kept
    assert result.train_loss == pytest.approx(min(result["train_loss"]), rel=1e-4)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
@pytest.mark.parametrize(("batch", "calls"), [(None, 4), (20, 9)])
def test_nonfinite_loss_restores_the_best_weights(bad, batch, calls):
    model, kept = curve(), {}
    lowest = [math.inf]

    def callback(step, values):
        if values["BreaksAt"] < lowest[0]:
            lowest[0] = values["BreaksAt"]
            kept.clear()
            kept.update(state_bits(model))

    loss = BreaksAt(calls, lambda value: value * bad)
    result = fit(
        model, (X, Y), opt="Adam", lr=1e-4, batch=batch, loss=loss, steps=20, best=False, callback=callback
    )
    assert result.stop.reason == "non-finite" and result.steps < 20
    assert state_bits(model) == kept


def test_nonfinite_loss_with_lbfgs_keeps_finite_weights():
    model = curve()
    start = fit(model, (X, Y), steps=0).train_loss
    result = fit(model, (X, Y), loss=BreaksAt(10, lambda value: value * math.nan, always=True), steps=5)
    assert result.stop.reason == "non-finite"
    assert fit(model, (X, Y), steps=0).train_loss < start


def test_a_loss_beyond_the_type_is_not_called_converged():
    huge = torch.cat([1e38 * Y, 3e38 * torch.ones(1, 1), -3e38 * torch.ones(1, 1)])
    result = fit(curve(), (torch.cat([X, X[:2]]), huge), steps=20)
    assert math.isfinite(result.train_loss) or result.stop.reason == "non-finite"


def test_nonfinite_from_the_start_changes_nothing():
    for opt in ("LBFGS", "Adam"):
        model = curve()
        before = state_bits(model)
        result = fit(model, (X, Y), opt=opt, loss=lambda a, b: (a - b).mean() * math.nan, steps=3)
        assert result.stop.reason == "non-finite"
        assert state_bits(model) == before


def test_best_weights_come_back_or_not():
    ends = {}
    for best in (True, False):
        model = curve()
        result = fit(model, (X, Y), opt="SGD", lr=30.0, steps=5, best=best, update_grid=False)
        ends[best] = result.train_loss, result["train_loss"]
    start = fit(curve(), (X, Y), steps=0).train_loss
    assert ends[True][0] == pytest.approx(min(start, *ends[True][1]), rel=1e-4)
    assert ends[False][0] == pytest.approx(ends[False][1][-1], rel=1e-4) and ends[False][0] > ends[True][0]


def test_patience_stops():
    result = fit(curve(), (X, Y), opt="SGD", lr=30.0, steps=50, patience=3, update_grid=False)
    assert result.stop.reason == "patience" and result.steps < 50
    assert result.train_loss <= min(result["train_loss"]) * 1.0001


def test_patience_watches_the_validation_split():
    result = fit(
        curve(), (X, Y), opt="SGD", lr=30.0, steps=50, patience=2, validation=0.25, update_grid=False
    )
    assert result.stop.reason == "patience"
    assert result.validation_loss <= min(result["validation_loss"]) * (1 + 1e-4)


def test_a_fit_that_only_worsens_gives_the_start_back():
    model = curve()
    fit(model, (X, Y), steps=5, update_grid=False)
    before = evaluate(model, (X, Y))["train_loss"]
    for settings in ({"batch": 8}, {"validation": 0.25}):
        fit(model, (X, Y), opt="SGD", lr=30.0, steps=3, update_grid=False, **settings)
        assert evaluate(model, (X, Y))["train_loss"] == pytest.approx(before, rel=1e-4)


def test_a_true_result_of_the_callback_stops():
    seen = []
    result = fit(
        curve(), (X, Y), opt="Adam", steps=9, callback=lambda step, values: seen.append(values) or step == 3
    )
    assert (result.steps, result.stop.reason, len(seen)) == (3, "callback", 3)
    assert seen[-1]["train_loss"] == result["train_loss"][-1]
