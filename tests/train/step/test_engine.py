from __future__ import annotations

import pytest
import torch

from edgewise.errors import InputError
from edgewise.network import build
from edgewise.optim import BFGS, LBFGS, LevenbergMarquardt
from edgewise.train.data.data import Data
from edgewise.train.objective.loss import as_loss
from edgewise.train.objective.objective import Objective
from edgewise.train.objective.penalty import Penalty
from edgewise.train.step.engine import FullBatchEngine, full_batch_engine
from edgewise.train.step.parameters import trainable

X = torch.linspace(-2, 2, 30, dtype=torch.float64)[:, None]
DATA = Data(X, X.sin())
SOLVERS = [LBFGS(max_iterations_per_step=2), BFGS(max_iterations_per_step=2), LevenbergMarquardt()]


def engine_of(minimiser, lamb: float = 0.0, loss: str = "mse") -> FullBatchEngine:
    model = build([1, 1], seed=0, dtype=torch.float64)
    objective = Objective(model, as_loss(loss), Penalty(lamb))
    return full_batch_engine(minimiser, objective, DATA, trainable(model))


@pytest.mark.parametrize("minimiser", SOLVERS, ids=lambda one: type(one).__name__)
def test_an_engine_goes_on_where_another_one_stopped(minimiser):
    first, second = engine_of(minimiser), engine_of(minimiser)
    first.step()
    second.load_state_dict(first.state_dict())
    assert second.current == first.current and second.evaluations == first.evaluations
    assert [second.step() for _ in range(2)] == [first.step() for _ in range(2)]


@pytest.mark.parametrize("minimiser", SOLVERS, ids=lambda one: type(one).__name__)
def test_what_was_undone_is_as_if_it_had_not_been(minimiser):
    plain, tried = engine_of(minimiser), engine_of(minimiser)
    for engine in (plain, tried):
        engine.step()
    kept = tried.current
    tried.restart()
    tried.undo_restart()
    assert tried.current == kept and tried.evaluations == plain.evaluations + 1
    assert tried.step() == plain.step()


def test_a_step_lowers_the_value_until_there_is_a_status():
    engine = engine_of(LevenbergMarquardt())
    values = [engine.value]
    while engine.status is None:
        engine.step()
        values.append(engine.value)
    assert values == sorted(values, reverse=True) and engine.status.reason == "converged"


@pytest.mark.parametrize("settings", [{"loss": "mae"}, {"lamb": 1e-3}])
def test_an_optimiser_of_squares_refuses_what_is_none(settings):
    with pytest.raises(InputError, match="opt='LM'"):
        engine_of(LevenbergMarquardt(), **settings)
