from __future__ import annotations

import pytest
import torch

from edgewise.errors import InputError, UnknownName
from edgewise.optim import LBFGS
from edgewise.train.run.scheduler import SCHEDULERS, Scheduler


def adam() -> torch.optim.Optimizer:
    optimiser = torch.optim.Adam([torch.nn.Parameter(torch.ones(1))], lr=1.0)
    optimiser.step()  # schedules expect the optimiser to have stepped
    return optimiser


def rate_after(scheduler, steps: int = 10) -> float:
    optimiser = adam()
    made = Scheduler(scheduler, optimiser, steps)
    for _ in range(steps):
        optimiser.step()
        made.step(1.0)
    return optimiser.param_groups[0]["lr"]


@pytest.mark.parametrize(("name", "rate"), [("cosine", 0.0), ("exponential", 0.01), ("Linear", 0.01)])
def test_where_the_rate_ends(name, rate):
    assert rate_after(name) == pytest.approx(rate, abs=1e-9)


def test_a_plateau_halves():
    assert rate_after("plateau", 12) == 0.5


def test_a_callable_is_torchs_own():
    assert rate_after(lambda o: torch.optim.lr_scheduler.StepLR(o, 5, 0.1)) == pytest.approx(0.01)


@pytest.mark.parametrize("name", SCHEDULERS)
def test_ours_has_no_rate_to_move(name):
    with pytest.raises(InputError, match="scheduler must be None with opt='LBFGS'"):
        Scheduler(name, LBFGS(), 3)


def test_what_is_no_schedule():
    with pytest.raises(UnknownName, match="Did you mean 'cosine'"):
        Scheduler("cosin", adam(), 3)
    with pytest.raises(InputError, match="name or a callable"):
        Scheduler(3, adam(), 3)
