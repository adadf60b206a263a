from __future__ import annotations

import torch

from edgewise.network import build, set_formula
from edgewise.train import fixed
from edgewise.train.fixed import FixedInputs, fixed_inputs

X = torch.rand(20, 2, generator=torch.Generator().manual_seed(0))


def test_sums_and_variances_are_those_of_the_stage():
    model = set_formula(build([2, 3, 1], seed=0, init="paper"), (0, 1, 2), "sin", (2.0, 0.0, 1.0, 0.3))
    kept, stage = FixedInputs(model, X), model.stages[0]
    torch.testing.assert_close(kept.sums(), stage.sums(X))
    sums, variances = kept.sums_with_variances()
    torch.testing.assert_close(sums, stage.sums(X))
    torch.testing.assert_close(variances, stage.spline.edges(X).var(0, correction=0), rtol=1e-3, atol=1e-6)


def test_new_weights_count_and_new_knots_count_after_refresh():
    model = build([2, 1], seed=0)
    kept, layer = FixedInputs(model, X), model.stages[0].spline
    with torch.no_grad():
        layer.coef.add_(1.0)
    torch.testing.assert_close(kept.sums(), model.stages[0].sums(X))
    with torch.no_grad():
        layer.knots.mul_(3.0)
    assert not torch.allclose(kept.sums(), model.stages[0].sums(X))
    kept.refresh()
    torch.testing.assert_close(kept.sums(), model.stages[0].sums(X))


def test_nothing_is_kept_where_it_would_not_fit(monkeypatch):
    model = build([2, 1], seed=0)
    assert fixed_inputs(model, X) is not None
    assert fixed_inputs(torch.nn.Linear(2, 1), X) is None
    assert fixed_inputs(model, X[None]) is None
    monkeypatch.setattr(fixed, "_MOST_NUMBERS", 10)
    assert fixed_inputs(model, X) is None
