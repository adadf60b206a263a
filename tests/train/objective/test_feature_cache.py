from __future__ import annotations

import torch

from edgewise.network import build, set_formula
from edgewise.train.objective import feature_cache as module
from edgewise.train.objective.feature_cache import FeatureCache, feature_cache

X = torch.rand(20, 2, generator=torch.Generator().manual_seed(0))


def test_sums_and_variances_are_those_of_the_stage():
    model = set_formula(build([2, 3, 1], seed=0, init="paper"), (0, 1, 2), "sin", (2.0, 0.0, 1.0, 0.3))
    kept, layer = FeatureCache(model, X), model.layers[0]
    torch.testing.assert_close(kept.sums(), layer.sums(X))
    sums, variances = kept.sums_with_variances()
    torch.testing.assert_close(sums, layer.sums(X))
    torch.testing.assert_close(variances, layer.basis.edges(X).var(0, correction=0), rtol=1e-3, atol=1e-6)


def test_new_weights_count_and_new_knots_count_after_refresh():
    model = build([2, 1], seed=0)
    kept, layer = FeatureCache(model, X), model.layers[0].basis
    with torch.no_grad():
        layer.coef.add_(1.0)
    torch.testing.assert_close(kept.sums(), model.layers[0].sums(X))
    with torch.no_grad():
        layer.knots.mul_(3.0)
    assert not torch.allclose(kept.sums(), model.layers[0].sums(X))
    kept.refresh()
    torch.testing.assert_close(kept.sums(), model.layers[0].sums(X))


def test_nothing_is_kept_where_it_would_not_fit(monkeypatch):
    model = build([2, 1], seed=0)
    assert feature_cache(model, X) is not None
    assert feature_cache(torch.nn.Linear(2, 1), X) is None
    assert feature_cache(model, X[None]) is None
    monkeypatch.setattr(module, "_MOST_NUMBERS", 10)
    assert feature_cache(model, X) is None
