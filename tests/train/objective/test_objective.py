from __future__ import annotations

import pytest
import torch

from edgewise.network import Scaler, build
from edgewise.train.objective.feature_cache import FeatureCache
from edgewise.train.objective.loss import as_loss
from edgewise.train.objective.objective import Objective, Report, Terms, report
from edgewise.train.objective.penalty import Penalty, outputs_and_penalty

X = torch.rand(20, 2, generator=torch.Generator().manual_seed(0))
Y = X.sum(1, keepdim=True)


def test_objective_is_loss_plus_weighted_penalty():
    model, penalty = build([2, 2, 1], seed=0), Penalty(0.25)
    terms = Objective(model, as_loss("mse"), penalty)(X, Y)
    torch.testing.assert_close(terms.loss, (model(X) - Y).square().mean())
    torch.testing.assert_close(terms.penalty, outputs_and_penalty(model, X, penalty)[1])
    torch.testing.assert_close(terms.objective, terms.loss + 0.25 * terms.penalty)


@pytest.mark.parametrize("lamb", [0.0, 0.1])
def test_kept_features_and_scalers_change_nothing(lamb):
    scaler = Scaler(torch.tensor([0.5]), torch.tensor([2.0]))
    model = build([2, 2, 1], seed=0, output_scaler=scaler)
    objective = Objective(model, as_loss("mse"), Penalty(lamb))
    kept = FeatureCache(model, X)
    torch.testing.assert_close(objective(X, Y, fixed=kept).objective, objective(X, Y).objective)


def test_weights_reach_the_loss():
    objective = Objective(build([2, 1], seed=0), as_loss("mse"), Penalty())
    weights = torch.zeros(20)
    weights[:5] = 2.0
    torch.testing.assert_close(objective(X, Y, weights).loss, objective(X[:5], Y[:5]).loss)


def test_report_reads_numbers():
    one = torch.ones(())
    assert report(Terms(one, one, None)) == Report(1.0, 1.0, None)
    assert report(Terms(3 * one, one, 2 * one)) == Report(3.0, 1.0, 2.0)
