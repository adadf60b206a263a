from __future__ import annotations

import pytest
import torch

from edgewise.network import build
from edgewise.optim import BFGS, LBFGS
from edgewise.train.data.data import Data
from edgewise.train.objective.loss import as_loss
from edgewise.train.objective.objective import Objective, report
from edgewise.train.objective.penalty import Penalty
from edgewise.train.step.parameters import trainable
from edgewise.train.step.smooth_objective import SmoothObjective

X = torch.linspace(-2, 2, 30, dtype=torch.float64)[:, None]
DATA = Data(X, X.sin())


def objective_of(lamb: float, loss: str = "mse") -> tuple[Objective, SmoothObjective]:
    model = build([1, 2, 1], seed=0, dtype=torch.float64)
    objective = Objective(model, as_loss(loss), Penalty(lamb))
    return objective, SmoothObjective(objective, DATA, trainable(model))


@pytest.mark.parametrize("loss", ["mse", "huber"])
@pytest.mark.parametrize("minimiser", [LBFGS(max_iterations_per_step=2), BFGS(max_iterations_per_step=2)])
def test_parts_are_those_of_the_weights_accepted(minimiser, loss):
    objective, smooth = objective_of(0.01, loss)
    state = smooth.step(minimiser, minimiser.start(smooth.problem, smooth.read_from_model()))
    smooth.write_to_model(state.x)
    found, expected = smooth.report(state), report(objective(DATA.x, DATA.y))
    assert found.objective == state.value == pytest.approx(expected.objective)
    assert (found.loss, found.penalty) == pytest.approx((expected.loss, expected.penalty))
    smooth.load_state_dict(smooth.state_dict())
    assert smooth.report(state) == found


def test_a_state_at_its_end_is_left_alone():
    _, smooth = objective_of(0.0)
    minimiser = LBFGS(tolerance_gradient=1e3)
    state = minimiser.start(smooth.problem, smooth.read_from_model())
    assert smooth.step(minimiser, state) is state
