from __future__ import annotations

import numpy as np
import pytest
import torch

from edgewise.estimators import KANClassifier, KANRegressor
from edgewise.estimators.dependence import PartialDependence
from edgewise.estimators.uncertainty import FittedTo, Uncertainty


def line_table(rows=300, seed=0):
    random = np.random.default_rng(seed)
    x = random.uniform(-2, 2, (rows, 2))
    return x, np.sin(1.5 * x[:, 0]), random


def test_of_a_sum_of_curves_it_is_the_covariance_of_penalised_least_squares():
    x, f, random = line_table()
    model = KANRegressor(hidden=0).fit(x, f + 0.3 * random.normal(size=len(x)))
    sure = PartialDependence(model)._uncertainty
    network, found = model.model_, model.search_result_.roughness
    scaler, basis = network.output_scaler, network.layers[0].basis
    features = basis.features(network.prepare_inputs(model.samples_))[..., 1:].flatten(1).numpy()
    with torch.no_grad():
        left = ((network(model.samples_) - model.targets_) / scaler.scale).numpy()[:, 0]
    penalty = np.kron(np.eye(2), found.matrix(basis.size).numpy()) * found.strength * len(x)
    hat = features.T @ features + penalty + 1e-9 * np.eye(len(penalty))
    free = np.trace(np.linalg.solve(hat, features.T @ features))
    noise = (left**2).sum() / (len(x) - free)
    at = np.array([[-1.0, 0.3], [0.5, 0.3], [1.5, 0.3]])
    rows = basis.features(network.prepare_inputs(torch.from_numpy(at)))[..., 1:].flatten(1).numpy()
    gap = rows[1:] - rows[:1]
    want = np.sqrt(noise * np.einsum("ij,ij->i", gap @ np.linalg.inv(hat), gap)) * scaler.scale.item()
    averages = torch.tensor([[-1.0, 1.0, 0.0], [-1.0, 0.0, 1.0]], dtype=torch.float64)
    np.testing.assert_allclose(sure.deviation(torch.from_numpy(at), averages)[:, 0], want, rtol=0.02)


@pytest.mark.parametrize("kind", ["values", "classes"])
def test_intervals_hold_about_as_often_as_they_say(kind):
    inside = []
    for seed in range(3):
        x, f, random = line_table(400, seed)
        if kind == "values":
            model = KANRegressor(hidden=0).fit(x, f + 0.5 * random.normal(size=len(x)))
        else:
            model = KANClassifier(hidden=0).fit(x, random.random(len(x)) < 1 / (1 + np.exp(-2 * f)))
            f = 2 * f
        found = PartialDependence(model)
        grid = torch.linspace(-1.9, 1.9, 25)[:, None].double()
        truth = (1.0 if kind == "values" else 2.0) * np.sin(1.5 * grid[:, 0].numpy()) - f.mean()
        error = np.abs(found.effect([0], grid).numpy()[:, 0] - truth)
        inside.append(error < 1.96 * found.deviation([0], grid).numpy()[:, 0])
    assert 0.8 < np.mean(inside) <= 1.0


def test_more_rows_make_surer_and_weights_are_shares():
    x, f, random = line_table()
    model = KANRegressor(hidden=0, smoothness=1e-3).fit(x, f + 0.3 * random.normal(size=len(x)))
    one, at = torch.ones(1, 1).double(), torch.zeros(1, 2).double()
    weights = torch.ones(len(x)).double()

    def deviation(rows, weights):
        data = FittedTo(model.samples_, weights, model.targets_, rows)
        return float(Uncertainty(model.model_, data, model.search_result_.roughness).deviation(at, one))

    assert deviation(300, weights) == pytest.approx(deviation(300, 7 * weights), rel=1e-9)
    assert 1.5 < deviation(300, weights) / deviation(1200, weights) < 2.5


def test_logits_of_several_classes_are_compared_with_their_mean():
    x, f, _ = line_table(200)
    model = KANClassifier(hidden=0).fit(x, np.digitize(f, [-0.4, 0.4]))
    found = PartialDependence(model)
    grid = torch.tensor([[-1.0], [1.0]]).double()
    assert found.effect([0], grid).sum(1).abs().max() < 1e-9
    assert found.deviation([0], grid).shape == (2, 3) and (found.deviation([0], grid) > 0).all()


@pytest.mark.parametrize("loss", ["huber", "absolute_error"])
def test_other_losses_give_none(loss):
    x, f, _ = line_table(80)
    model = KANRegressor(hidden=0, loss=loss).fit(x, f)
    assert PartialDependence(model).deviation([0], torch.zeros(1, 1)) is None


def test_labels_have_logits_of_their_own():
    x, f, random = line_table(200)
    labels = np.stack([f + 0.3 * random.normal(size=200) > 0, x[:, 1] > 0.3], 1).astype(int)
    found = PartialDependence(KANClassifier(hidden=0).fit(x, labels))
    grid = torch.tensor([[-1.0], [1.0]]).double()
    effect, deviation = found.effect([1], grid), found.deviation([1], grid)
    assert effect[1, 1] - effect[0, 1] > 2 and effect[:, 0].abs().max() < 1
    assert effect.shape == deviation.shape == (2, 2) and (deviation > 0).all()
