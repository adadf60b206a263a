from __future__ import annotations

import math

import pytest
import torch

from edgewise.errors import InputError
from edgewise.network import build
from edgewise.optim import LBFGS
from edgewise.testing import state_bits
from edgewise.train import fit
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
