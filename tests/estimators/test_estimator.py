from __future__ import annotations

import numpy as np
import pytest
import torch

from edgewise.estimators import formula_of
from edgewise.estimators.columns import fit_encoder
from edgewise.estimators.estimator import importances_of
from edgewise.network import set_formula
from edgewise.network.build import build


def test_the_formula_keeps_what_matters_and_says_how_well():
    model = build([2, 1], seed=0, dtype=torch.float64)
    model = set_formula(set_formula(model, (0, 0, 0), "sin"), (0, 1, 0), "x^2", (1.0, 0.0, 1e-4, 0.0))
    x = torch.rand(200, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    found = formula_of(model, x)
    assert str(found.expr).startswith("sin(x_1)") or "sin" in str(found.expr)
    assert "x_2" not in str(found.expr)
    assert found.r2 > 0.999


def test_r2_is_to_the_network_that_was_given_not_to_the_symbolic_one():
    model = build([1, 1], grid=12, dtype=torch.float64)
    with torch.no_grad():
        model.layers[0].basis.coef.normal_(generator=torch.Generator().manual_seed(0))
    x = torch.linspace(-1, 1, 400, dtype=torch.float64)[:, None]
    found = formula_of(model, x)
    want = model(x).detach().numpy()
    lost = np.square(found(x.numpy()) - want).sum() / np.square(want - want.mean()).sum()
    assert found.r2 == pytest.approx(1 - lost, abs=1e-12)


def test_levels_of_noise_do_not_add_up_to_importance():
    random = np.random.default_rng(0)
    levels = np.array([f"l{n}" for n in range(16)], dtype=object)[random.integers(0, 16, 1000)]
    table = np.column_stack([levels, random.normal(size=1000)])
    columns = fit_encoder(table, ["level", "x"]).encoder
    model = build([17, 1], dtype=torch.float64)
    with torch.no_grad():
        model.layers[0].basis.coef.zero_()
        model.layers[0].basis.scale_base.fill_(0.1)
    shares = importances_of(model, torch.from_numpy(columns.transform(table)), columns)
    assert shares.sum() == pytest.approx(1)
    assert shares[0] < 0.6  # sixteen spreads of 0.017 each beside one of about 0.06
