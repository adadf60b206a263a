from __future__ import annotations

import numpy as np
import pytest
import torch

from edgewise.estimators import KANClassifier, KANRegressor
from edgewise.estimators.dependence import PartialDependence, encoded_places

RANDOM = np.random.default_rng(0)
X = RANDOM.uniform(-1, 1, (150, 3))


@pytest.fixture(scope="module")
def deep():
    return KANRegressor(hidden=3, max_iter=3).fit(X, X[:, 0] * X[:, 1] + X[:, 2])


def test_with_a_hidden_level_it_is_the_mean_over_the_other_columns(deep):
    found = PartialDependence(deep)
    rows, share = found.background()
    want = []
    for value in (-0.5, 0.7):
        table = rows.numpy().copy()
        table[:, 1] = value
        want.append(share.numpy() @ deep.predict(table) - share.numpy() @ deep.predict(rows.numpy()))
    got = found.effect([1], torch.tensor([[-0.5], [0.7]]))
    np.testing.assert_allclose(got[:, 0], want, atol=1e-10)
    assert not found.exact and (found.deviation([1], torch.tensor([[-0.5], [0.7]])) > 0).all()


@pytest.mark.parametrize("classes", [False, True])
def test_of_a_sum_of_curves_it_equals_the_contributions(classes):
    y = X[:, 0] ** 2 - X[:, 1]
    model = (KANClassifier if classes else KANRegressor)(hidden=0).fit(X, y > 0.2 if classes else y)
    found = PartialDependence(model)
    assert found.exact
    got = np.stack([found.effect([place], torch.from_numpy(X[:9, [place]]))[:, 0] for place in range(3)], 1)
    np.testing.assert_allclose(got, model.contributions(X[:9]).values, atol=1e-9)


def test_two_columns_together(deep):
    found = PartialDependence(deep)
    corners = torch.tensor([[-0.8, -0.8], [-0.8, 0.8], [0.8, -0.8], [0.8, 0.8]])
    signs = found.effect([0, 1], corners)[:, 0].sign().tolist()
    assert signs == [1.0, -1.0, -1.0, 1.0]


def test_places_of_the_encoded_columns():
    table = np.array([["a", 1.0], ["b", None], ["c", 2.0]] * 10, dtype=object)
    model = KANRegressor(hidden=0).fit(table, np.arange(30.0))
    assert encoded_places(model.encoder_, 0) == [0, 1, 2] and encoded_places(model.encoder_, 1) == [3, 4]
