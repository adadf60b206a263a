"""`fit` with grids: the model grows in place, and keeps the best grid."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from edgewise import KAN, GridExtension
from edgewise.errors import InputError, UnknownName
from edgewise.network import build, set_formula
from edgewise.optim import LBFGS, LevenbergMarquardt
from edgewise.testing import state_bits
from edgewise.train import fit
from edgewise.train.grids import fit_over_grids

STARTS = GridExtension(None, n_starts=3)


def data(noise: float = 0.0, count: int = 400) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    parts = {}
    for name in ("train", "test"):
        x = 2 * torch.rand(count, 2, generator=generator, dtype=torch.float64) - 1
        y = torch.exp(torch.sin(torch.pi * x[:, [0]]) + x[:, [1]] ** 2)
        y = y + noise * torch.randn(y.shape, generator=generator, dtype=torch.float64)
        parts |= {f"{name}_input": x, f"{name}_label": y}
    return parts


def network(width: Any = (2, 1, 1), seed: int = 0) -> Any:
    return build(list(width), grid=3, dtype=torch.float64, seed=seed)


@pytest.mark.parametrize("opt", ["LM", "auto"])
def test_levenberg_marquardt_over_grids(opt: str) -> None:
    model = network()
    result = fit(model, data(), opt=opt, grids=GridExtension([5, 10, 20], n_starts=6))
    assert result["grid"] == [5, 10, 20]
    assert model.grid == (20, 20)
    assert (result.test_loss or 1.0) < 1e-4
    assert result.stop.reason == "grids"
    x = data()["test_input"]
    assert float((model(x) - data()["test_label"]).square().mean().sqrt().detach()) == pytest.approx(
        result.test_loss
    )


@pytest.mark.parametrize("settings", [{}, {"loss": "huber", "opt": "BFGS"}, {"lamb": 1e-5}, {"opt": LBFGS()}])
def test_any_other_way_of_training_over_grids(settings: dict[str, Any]) -> None:
    model = network([2, 3, 1])
    once = fit(network([2, 3, 1]), data(), steps=10, **settings)
    result = fit(model, data(), steps=10, grids=[3, 6, 12], **settings)
    assert model.grid == (12, 12)
    assert result.train_loss < 0.3 * once.train_loss
    assert set(result["grid"]) == {3.0, 6.0, 12.0}
    assert len(result["grid"]) == len(result["train_loss"]) == result.steps


@pytest.mark.parametrize("opt", ["LM", "LBFGS"])
def test_auto_ends_where_noise_is_left(opt: str) -> None:
    model = network()
    result = fit(model, data(noise=0.05, count=300), opt=opt, steps=15, grids="auto")
    assert result.stop.reason == "no better grid"
    assert max(model.grid) < 100
    assert result.test_loss == pytest.approx(0.05, rel=0.5)


def test_several_starts_on_the_grid_there_is() -> None:
    one, many = network(), network()
    single, best = (
        fit(one, data(), opt="LM", steps=40),
        fit(many, data(), opt="LM", steps=40, grids=GridExtension(None, n_starts=9)),
    )
    assert best.train_loss <= single.train_loss * 1.01
    assert many.grid == (3, 3)


def test_the_front_door_remembers_the_samples() -> None:
    model = KAN([2, 1, 1], grid=3, dtype=torch.float64)
    model.fit(data(), opt="LM", grids=[3, 6])
    assert model.grid == (6, 6) and model.refine(12).grid == (12, 12)
    assert model.prune().width


def test_an_interrupted_extension_keeps_what_it_has() -> None:
    model, calls = network([2, 3, 1]), []

    def stop_on_the_second_grid(step: int, values: dict[str, float]) -> bool:
        calls.append(step)
        return len(calls) > 6

    result = fit(model, data(), steps=5, grids=[3, 6, 12], callback=stop_on_the_second_grid)
    assert result.stop.reason == "callback"
    assert max(model.grid) <= 6


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"grids": [5, 3]}, "grids must be"),
        ({"grids": "all"}, "grids must be"),
        ({"grids": STARTS}, "grids must have n_starts=1 but for opt='LM'"),
        ({"grids": STARTS, "opt": "LM", "lamb": 0.1}, "grids must have n_starts=1 but for opt='LM'"),
        ({"grids": [3, 6], "opt": "LM", "checkpoint": "run.ckpt"}, "checkpoint must be left out"),
        ({"grids": [3, 6], "opt": "LM", "patience": 3}, "patience must be left out"),
        ({"grids": [3, 6], "opt": "LM", "lr": 0.1}, "lr must be left out"),
        ({"grids": [3, 6], "opt": "LM", "callback": print}, "callback must be left out"),
    ],
)
def test_bad_settings(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        fit(network(), data(), **settings)


def test_what_cannot_be_extended() -> None:
    with pytest.raises(InputError, match="model must be a network"):
        fit(torch.nn.Linear(2, 1).double(), data(), grids=[3, 6])
    with pytest.raises(UnknownName, match="opt must be one of"):
        fit(network(), data(), grids=[3, 6], opt="Newton")
    with pytest.raises(InputError, match="spline edges"):
        fit(set_formula(network(), (0, 0, 0), "sin"), data(), grids=[3, 6], opt="LM")


@pytest.mark.parametrize(
    "opt",
    ["LBFGS", "LM", LevenbergMarquardt(geodesic_acceleration=0.75)],
    ids=["LBFGS", "LM", "geodesic_acceleration"],
)
def test_one_grid_may_be_a_number(opt: Any) -> None:
    model = network()
    result = fit(model, data(), opt=opt, steps=3, grids=6)
    assert model.grid == (6, 6) and set(result["grid"]) == {6}


def test_ctrl_c_before_the_first_grid_leaves_the_model_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*args: Any, **settings: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(fit_over_grids, "extend_grids", interrupted)
    model, before = network(), state_bits(network())
    result = fit(model, data(), opt="LM", grids=[3, 6])
    assert result.stop.reason == "interrupted" and result.train_loss > 0
    assert state_bits(model) == before
