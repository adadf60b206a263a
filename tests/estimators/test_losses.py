from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.metrics import (
    d2_tweedie_score,
    mean_gamma_deviance,
    mean_pinball_loss,
    mean_poisson_deviance,
    r2_score,
)

from edgewise.errors import InputError
from edgewise.estimators import KANRegressor
from edgewise.estimators.losses import LOSSES, Loss, checked_loss
from edgewise.exports import export


def table(rows, seed=0):
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, 2))
    return x, x[:, 0] + np.sin(2 * x[:, 1]), random


def tensors(seed=0):
    generator = torch.Generator().manual_seed(seed)
    outputs, targets = torch.randn(2, 1000, 1, generator=generator, dtype=torch.float64)
    return outputs, targets, torch.full((1,), 1e-6, dtype=torch.float64)


@pytest.mark.parametrize(("name", "level"), [("absolute_error", 0.5), ("quantile", 0.9), ("quantile", 0.2)])
def test_the_losses_of_medians_and_quantiles_are_the_fields(name, level):
    outputs, targets, noise = tensors()
    ours = float(Loss(name, level).each(outputs, targets, noise).mean())
    assert ours == pytest.approx(mean_pinball_loss(targets, outputs, alpha=level), rel=1e-5)


@pytest.mark.parametrize(
    ("name", "deviance"), [("poisson", mean_poisson_deviance), ("gamma", mean_gamma_deviance)]
)
def test_likelihoods_differ_from_deviances_by_a_constant(name, deviance):
    outputs, targets, noise = tensors()
    targets = targets.exp()
    at = [(h, float(Loss(name).each(h, targets, noise).mean())) for h in (outputs, outputs * 0.3 + 0.1)]
    gap = deviance(targets[:, 0], at[0][0][:, 0].exp()) - deviance(targets[:, 0], at[1][0][:, 0].exp())
    assert 2 * (at[0][1] - at[1][1]) == pytest.approx(gap)


def test_huber_is_squared_for_small_errors_and_bounded_in_slope_for_large_ones():
    noise = torch.ones(1, dtype=torch.float64)
    found = Loss("huber").each(
        torch.zeros(3, 1).double(), torch.tensor([[0.5], [10.0], [11.0]]).double(), noise
    )
    assert float(found[0]) == 0.25
    assert float(found[2] - found[1]) == pytest.approx(2 * 1.345)


@pytest.mark.parametrize("loss", ["huber", "absolute_error"])
@pytest.mark.parametrize("wild", [-1e9, 50.0])
def test_wild_targets_do_not_move_the_fit_elsewhere(loss, wild):
    x, y, random = table(200)
    y = y + 0.1 * random.normal(size=200)
    y[::60] = wild
    new, truth, _ = table(500, seed=1)
    assert KANRegressor(loss=loss, hidden=0).fit(x, y).score(new, truth) > 0.97


def test_a_wild_target_does_not_hide_what_a_hidden_level_gains():
    x, _, random = table(150)
    y = x[:, 0] * x[:, 1] + 0.05 * random.normal(size=150)
    y[3] = 1e6
    new, _, _ = table(500, seed=1)
    assert KANRegressor(loss="huber").fit(x, y).score(new, new[:, 0] * new[:, 1]) > 0.9


@pytest.mark.parametrize("level", [0.1, 0.9])
def test_that_share_of_new_targets_is_below_a_quantile(level):
    x, y, random = table(500)
    spread = 0.2 + np.abs(x[:, 0])
    model = KANRegressor(loss="quantile", quantile=level, hidden=0).fit(
        x, y + spread * random.normal(size=500)
    )
    new, truth, random = table(2000, seed=1)
    targets = truth + (0.2 + np.abs(new[:, 0])) * random.normal(size=2000)
    assert np.mean(targets <= model.predict(new)) == pytest.approx(level, abs=0.05)


@pytest.mark.parametrize(("loss", "power"), [("poisson", 1), ("gamma", 2)])
@pytest.mark.parametrize("size", [1.0, 100.0])
def test_counts_and_amounts_are_predicted_as_well_as_their_law_allows(loss, power, size):
    x, y, random = table(500)
    new, truth, _ = table(1000, seed=1)
    mean, of_new = size * np.exp(0.5 * y + 1), size * np.exp(0.5 * truth + 1)
    targets = random.poisson(mean) if loss == "poisson" else mean * random.gamma(3, 1 / 3, 500)
    model = KANRegressor(loss=loss, hidden=0).fit(x, targets)
    assert (model.predict(new) > 0).all()
    assert d2_tweedie_score(of_new, model.predict(new), power=power) > 0.93
    assert model.score(new, of_new) == pytest.approx(r2_score(of_new, model.predict(new)))


def test_several_outputs_each_have_their_link():
    x, y, random = table(300)
    targets = np.column_stack([random.poisson(np.exp(y)), random.poisson(50 * np.exp(-0.5 * y))])
    model = KANRegressor(loss="poisson", hidden=0).fit(x, targets)
    assert [d2_tweedie_score(targets[:, n], model.predict(x)[:, n], power=1) > 0.6 for n in range(2)] == [
        True,
        True,
    ]


def test_a_formula_and_exports_are_of_the_prediction_itself():
    x, _, random = table(200)
    y = random.poisson(np.exp(0.5 * x[:, 0] - 0.3 * x[:, 1] + 1))
    model = KANRegressor(loss="poisson", hidden=0).fit(x, y)
    assert "exp(" in str(model.formula_.expr) and model.formula_.verdict == "within noise"
    space: dict = {}
    exec(export(model.model_, "numpy"), space)
    np.testing.assert_allclose(space["predict"](x)[:, 0], model.predict(x), rtol=1e-5)
    source = export(model.model_, "c99")
    assert "exp(" in source


@pytest.mark.parametrize(
    ("settings", "y", "word"),
    [
        ({"loss": "squared"}, [1.0, 2.0, 3.0], "loss must be one of squared_error"),
        ({"loss": "poisson"}, [1.0, -2.0, 3.0], "at least 0"),
        ({"loss": "poisson"}, [0.0, 0.0, 0.0], "zeros only"),
        ({"loss": "gamma"}, [1.0, 0.0, 3.0], "must be positive"),
        ({"loss": "quantile"}, [1.0, 2.0, 3.0], "above 0 and below 1"),
        ({"loss": "quantile", "quantile": 1.0}, [1.0, 2.0, 3.0], "above 0 and below 1"),
        ({"loss": "huber", "quantile": 0.5}, [1.0, 2.0, 3.0], "must be None"),
    ],
)
def test_a_loss_that_has_no_sense_is_refused(settings, y, word):
    with pytest.raises(InputError, match=word):
        KANRegressor(**settings).fit(np.arange(3.0)[:, None], y)


@pytest.mark.parametrize("loss", LOSSES)
def test_few_and_constant_targets_are_fitted_too(loss):
    quantile = 0.5 if loss == "quantile" else None
    x = np.arange(8.0)[:, None]
    for y in (np.full(8, 3.0), np.arange(1.0, 9.0), np.array([5.0] * 7 + [1.0])):
        found = KANRegressor(loss=loss, quantile=quantile, smoothness=1e-2).fit(x, y).predict(x)
        assert np.isfinite(found).all() and np.abs(found).max() < 50


def test_a_loss_by_name_is_checked():
    assert checked_loss("absolute_error", None) == Loss("absolute_error", 0.5)
