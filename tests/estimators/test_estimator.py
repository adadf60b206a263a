from __future__ import annotations

import torch

from edgewise.estimators import formula_of
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
