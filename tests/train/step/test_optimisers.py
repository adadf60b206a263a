from __future__ import annotations

import pytest
import torch

from edgewise.errors import InputError, UnknownName
from edgewise.optim import BFGS, LBFGS
from edgewise.train.step.optimisers import make_optimiser, torch_optimisers


def parameters() -> list[torch.nn.Parameter]:
    return [torch.nn.Parameter(torch.ones(2))]


def test_ours_by_name_and_by_settings():
    own = LBFGS(history=3)
    assert make_optimiser(own, parameters(), None) is own
    assert make_optimiser("lbfgs", parameters(), 0.5) == LBFGS(initial_step=0.5)
    assert make_optimiser("BFGS", parameters(), None) == BFGS()


@pytest.mark.parametrize("name", sorted(torch_optimisers()))
def test_rates_reach_torchs_optimisers(name):
    made = make_optimiser(name.upper(), parameters(), 0.125)
    assert type(made).__name__.lower() == name
    assert float(made.param_groups[0]["lr"]) == 0.125


def test_instances_keep_their_own_rate():
    own = parameters()
    made = torch.optim.SGD(own, lr=0.3)
    assert make_optimiser(made, own, None) is made
    with pytest.raises(InputError, match="lr must be left out"):
        make_optimiser(made, own, 0.1)
    with pytest.raises(InputError, match="other tensors"):
        make_optimiser(made, parameters(), None)


@pytest.mark.parametrize("lr", [0, -1.0, float("nan"), float("inf"), "fast"])
def test_rates_must_be_positive(lr):
    with pytest.raises(InputError, match="lr must be a positive number"):
        make_optimiser("Adam", parameters(), lr)


def test_what_is_no_optimiser():
    with pytest.raises(UnknownName, match="Did you mean 'AdamW'"):
        make_optimiser("AdaW", parameters(), None)
    for opt in (3, None, lambda given: "Adam"):
        with pytest.raises(InputError, match="opt must be a name"):
            make_optimiser(opt, parameters(), None)
