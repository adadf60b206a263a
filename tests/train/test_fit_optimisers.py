from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import pytest
import torch
from torch import Tensor

from edgewise.errors import InputError
from edgewise.events import Stop, StopReason
from edgewise.network import build
from edgewise.optim import LBFGS, Minimiser, Smooth
from edgewise.testing import state_bits
from edgewise.train import Checkpoint, fit
from edgewise.train.run.scheduler import SCHEDULERS
from edgewise.train.step.optimisers import torch_optimisers

X = torch.linspace(-1, 1, 30)[:, None]
Y = (3 * X).sin()


@pytest.mark.parametrize("batch", [None, 16])
@pytest.mark.parametrize("name", sorted(torch_optimisers()))
def test_every_torch_optimiser_by_name(name, batch):
    model = build([1, 1], seed=0)
    before = state_bits(model)
    result = fit(model, (X, Y), opt=name, batch=batch, steps=2, best=False, update_grid=False)
    assert math.isfinite(result.train_loss) and result.steps == 2
    assert state_bits(model) != before


def test_ways_to_say_adam_are_one():
    ends = []
    for opt, lr in (
        ("Adam", 1e-2),
        ("ADAM", None),
        (torch.optim.Adam, 1e-2),
        (lambda parameters: torch.optim.Adam(parameters, lr=1e-2), None),
        (None, None),
    ):
        model = build([1, 1], seed=0)
        opt = torch.optim.Adam(model.parameters(), lr=1e-2) if opt is None else opt
        fit(model, (X, Y), opt=opt, lr=lr, steps=3)
        ends.append(state_bits(model))
    assert all(end == ends[0] for end in ends)


def test_full_batch_adam_is_torchs_own_loop():
    model, by_hand = build([1, 1], seed=0), build([1, 1], seed=0)
    fit(model, (X, Y), opt="Adam", lr=1e-2, steps=4, update_grid=False, best=False)
    optimiser = torch.optim.Adam([p for p in by_hand.parameters() if p.requires_grad and p.numel()], lr=1e-2)
    for _ in range(4):
        optimiser.zero_grad()
        torch.nn.functional.mse_loss(by_hand(X), Y).backward()
        optimiser.step()
    assert torch.allclose(model(X), by_hand(X), atol=1e-6)


def test_settings_of_ours_and_torchs_own_lbfgs():
    for opt in (LBFGS(history=3, max_iterations_per_step=2), torch.optim.LBFGS):
        model = build([1, 1], seed=0)
        start = fit(model, (X, Y), steps=0).train_loss
        assert fit(model, (X, Y), opt=opt, steps=2).train_loss < start


def test_an_optimiser_of_another_model_is_refused():
    other = build([1, 1], seed=0)
    with pytest.raises(InputError, match="opt must hold parameters of the model"):
        fit(build([1, 1]), (X, Y), opt=torch.optim.Adam(other.parameters()), steps=1)


@pytest.mark.parametrize("batch", [None, 10])
@pytest.mark.parametrize("scheduler", [*SCHEDULERS, lambda o: torch.optim.lr_scheduler.StepLR(o, 1, 0.1)])
def test_schedulers(scheduler, batch):
    optimisers = []

    def opt(parameters):
        optimisers.append(torch.optim.Adam(parameters, lr=1e-2))
        return optimisers[0]

    result = fit(build([1, 1], seed=0), (X, Y), opt=opt, scheduler=scheduler, batch=batch, steps=3)
    assert math.isfinite(result.train_loss)
    rate = optimisers[0].param_groups[0]["lr"]
    assert rate == 1e-2 if scheduler == "plateau" else rate < 1e-2


@dataclass(frozen=True)
class Point:
    """Where steepest descent stands."""

    x: Tensor
    value: float
    gradient: Tensor
    iterations: int = 0
    evaluations: int = 1
    status: Stop | None = None


@dataclass(frozen=True)
class SteepestDescent(Minimiser[Smooth, Point]):
    """An optimiser of a user: everything that the protocol asks for."""

    needs: ClassVar[Literal["smooth", "squares"]] = "smooth"
    length: float = 0.05

    def start(self, problem: Smooth, x: Tensor) -> Point:
        return Point(x.clone(), *problem.value_and_grad(x))

    def step(self, problem: Smooth, state: Point) -> Point:
        x = state.x - self.length * state.gradient
        value, gradient = problem.value_and_grad(x)
        if value >= state.value:
            return replace(state, status=Stop(StopReason.NO_DESCENT))
        return Point(x, value, gradient, state.iterations + 1, state.evaluations + 1)

    def restart(self, problem: Smooth, x: Tensor, state: Point) -> Point:
        return replace(self.start(problem, x), iterations=state.iterations, evaluations=state.evaluations + 1)

    def state_dict(self, state: Point) -> dict[str, Any]:
        return {
            "x": state.x,
            "value": state.value,
            "gradient": state.gradient,
            "iterations": state.iterations,
        }

    def load_state_dict(self, fresh: Point, kept: Mapping[str, Any]) -> Point:
        return replace(fresh, **kept)


@pytest.mark.parametrize("loss", ["mse", "huber"])
def test_an_optimiser_of_the_user_serves_a_fit_and_its_checkpoints(tmp_path, loss):
    settings = {"opt": SteepestDescent(), "loss": loss, "lamb": 1e-3}
    x = torch.linspace(-1, 1, 40)[:, None]
    whole, parts = build([1, 2, 1], seed=0), [build([1, 2, 1], seed=0) for _ in range(2)]
    result = fit(whole, (x, x.sin()), steps=12, **settings)
    assert result.train_loss < result["train_loss"][0] and result.evaluations > 12

    def die(step: int, values: dict[str, float]) -> None:
        if step == 5:
            raise SystemExit

    path = tmp_path / "run.ckpt"
    with pytest.raises(SystemExit):
        fit(parts[0], (x, x.sin()), steps=12, checkpoint=Checkpoint(path, 1), callback=die, **settings)
    again = fit(parts[1], (x, x.sin()), steps=12, checkpoint=Checkpoint(path, 1), **settings)
    assert again.history == result.history
    assert state_bits(parts[1]) == state_bits(whole)
