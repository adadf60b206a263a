"""`fit(opt="LM")` and `fit(opt="auto")`."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from edgewise.errors import InputError
from edgewise.network import build, set_formula
from edgewise.optim import LevenbergMarquardt
from edgewise.train import Data, fit


def samples(dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor]:
    x = 2 * torch.rand(300, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64) - 1
    return x.to(dtype), torch.exp(torch.sin(torch.pi * x[:, [0]]) + x[:, [1]] ** 2).to(dtype)


@pytest.mark.parametrize("opt", ["LM", "lm", LevenbergMarquardt(solver="qr")])
def test_fewer_steps_come_to_less_error(opt: Any) -> None:
    result = fit(build([2, 5, 1], grid=5, dtype=torch.float64, seed=0), samples(), opt=opt, steps=40)
    other = fit(build([2, 5, 1], grid=5, dtype=torch.float64, seed=0), samples(), opt="LBFGS", steps=2)
    assert result.train_loss < 2e-3
    assert result.train_loss < other.train_loss / 3
    assert all(late <= early * 1.06 for early, late in zip(result["mse"], result["mse"][1:], strict=False))


def test_auto_says_what_it_chose() -> None:
    small = fit(build([2, 2, 1], dtype=torch.float64), samples(), opt="auto", steps=2)
    assert small.notes[0].startswith("opt='auto' chose LM")
    sparse = fit(build([2, 2, 1], dtype=torch.float64), samples(), opt="auto", lamb=1e-3, steps=2)
    assert "LBFGS" in sparse.notes[0]
    batches = fit(build([2, 2, 1], dtype=torch.float64), samples(), opt="auto", batch=50, steps=2)
    assert "Adam" in batches.notes[0]


def test_weights_count() -> None:
    x = torch.linspace(-1, 1, 40, dtype=torch.float64)[:, None]
    y, weights = x.sign(), (x[:, 0] > 0).double()
    model = build([1, 1], dtype=torch.float64)
    fit(model, Data(x, y, weights=weights), opt="LM", steps=20)
    torch.testing.assert_close(model(x[x[:, 0] > 0]).detach(), y[x[:, 0] > 0], rtol=0, atol=1e-3)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_single_precision_too(dtype: torch.dtype) -> None:
    assert fit(build([2, 3, 1], dtype=dtype), samples(dtype), opt="LM", steps=40).train_loss < 5e-2


def test_other_modules_and_formula_edges() -> None:
    torch.manual_seed(0)
    mlp = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1)).double()
    assert fit(mlp, samples(), opt="LM", steps=60).train_loss < 0.2
    model = set_formula(build([2, 1, 1], dtype=torch.float64, seed=1), (0, 1, 0), "x^2")
    before = fit(model, samples(), steps=0).train_loss
    assert fit(model, samples(), opt="LM", steps=20).train_loss < before


@pytest.mark.parametrize("settings", [{"loss": "mae"}, {"lamb": 1e-3}, {"lr": 0.1}, {"batch": 10}])
def test_what_is_no_sum_of_squares_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="opt='LM'|LevenbergMarquardt"):
        fit(build([2, 1], dtype=torch.float64), samples(), opt="LM", **settings)
