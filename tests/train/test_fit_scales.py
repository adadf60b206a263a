"""The law of scales: `fit(a x + b, c y)` has the relative loss of `fit(x, y)`, whatever optimises."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from edgewise import KAN, GridExtension, Scaler, fit
from edgewise.train import as_data
from edgewise.train.step.optimisers import OPTIMISERS, torch_optimisers

DOUBLE = torch.float64
U = torch.rand(100, 2, generator=torch.Generator().manual_seed(0), dtype=DOUBLE) * 2 - 1
V = torch.sin(3 * U[:, :1]) + U[:, 1:] ** 2
SCALES = {
    DOUBLE: [(1e-30, 0, 1e30), (1e12, -1e6, 1e-30), (1, 10, 1e-9)],
    torch.float32: [(1e-12, 0, 1e12), (1e12, 100, 1e-12)],
}


def relative_loss(opt, a=1.0, b=0.0, c=1.0, dtype=DOUBLE, steps=5, **settings):
    """RMSE in deviations of the targets; `b` in those of the inputs."""
    x, y = a * (U + b * U.std(0)), c * V
    model = KAN([2, 2, 1], grid=5, seed=0, dtype=dtype)
    result = fit(model, (x.to(dtype), y.to(dtype)), opt=opt, steps=steps, **settings)
    assert result["train_loss"][-1] == pytest.approx(result.train_loss, rel=0.5)
    return result.train_loss / (c * float(V.std()))


@torch.no_grad()
def _rmse(model, x, y):
    return float((model(x) - y).square().mean().sqrt())


@pytest.mark.parametrize("dtype", [DOUBLE, torch.float32])
@pytest.mark.parametrize("name", sorted({*OPTIMISERS, *torch_optimisers()}))
def test_every_optimiser_keeps_the_law(name, dtype):
    steps = 8 if name in OPTIMISERS else 10
    wanted = relative_loss(name, 1.0, 3.0, 10.0, dtype, steps)
    for a, b, c in SCALES[dtype]:
        assert relative_loss(name, a, b, c, dtype, steps) == pytest.approx(wanted, rel=0.5), (a, b, c)


@pytest.mark.parametrize(
    ("loss", "lamb"),
    [("mse", 0.0), ("mse", 1e-2), ("mae", 0.0), ("mae", 1e-2), ("huber", 0.0), ("log_cosh", 0.0)],
)
def test_losses_and_penalties_keep_it(loss, lamb):
    # Of the last two, the threshold between small and large errors is 1 in the users' units.
    scales = (1e-9, 1e-3, 1e9) if loss in ("mse", "mae") else (1e-9, 1e-3)
    ends = []
    for c in scales:
        model = KAN([2, 1], grid=5, seed=0, dtype=DOUBLE)
        fit(model, (U, c * V), loss=loss, steps=8, lamb=lamb)
        ends.append(_rmse(model, U, c * V) / c)
    assert max(ends) < 1.5 * min(ends)


def test_mini_batches_and_loaders_keep_it():
    ends = []
    for a, c in ((1e-9, 1e9), (1e4, 1e-20)):
        x, y = a * (U + 5), c * V
        loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=50)
        for data, batch in (((x, y), 50), (loader, None)):
            model = KAN([2, 2, 1], seed=0, dtype=DOUBLE)
            ends.append(fit(model, data, opt="Adam", batch=batch, steps=10).train_loss / c)
    assert ends == pytest.approx([ends[0]] * 4, rel=0.3)


@pytest.mark.parametrize("opt", ["LM", "LBFGS"])
@pytest.mark.parametrize("grids", [[4, 8], GridExtension([4, 8], n_starts=3)])
def test_grids_and_several_starts_keep_it(opt, grids):
    if opt == "LBFGS" and isinstance(grids, GridExtension):
        pytest.skip("several starts are for LM")
    ends = []
    for a, b, c in ((1, 3, 10), (1e-12, 1e4, 1e-25), (1e9, -20, 1e20)):
        model = KAN([2, 2, 1], seed=0, dtype=DOUBLE)
        result = model.fit((a * (U + b), c * V), opt=opt, steps=8, grids=grids)
        assert result["train_loss"][-1] == pytest.approx(result.train_loss, rel=0.1)
        ends.append(_rmse(model, a * (U + b), c * V) / c)
    assert max(ends) < 1.5 * min(ends)


def test_validation_weights_and_patience_keep_it():
    ends = []
    for a, c in ((1e-12, 1e-20), (1e5, 1e9)):
        data = as_data((a * (U + 9), c * V))
        weighted = type(data)(data.x, data.y, weights=1 + U[:, 0].abs())
        result = fit(KAN([2, 2, 1], seed=0, dtype=DOUBLE), weighted, steps=8, validation=0.2, patience=3)
        ends.append(result.validation_loss / c)
    assert max(ends) < 1.5 * min(ends)


def test_refining_and_fitting_on_keeps_it():
    ends = []
    for a, b, c in ((1, 3, 10), (1e-12, 1e3, 1e-20)):
        model, data = KAN([2, 2, 1], seed=0, dtype=DOUBLE), (a * (U + b), c * V)
        model.fit(data, steps=5)
        model = model.refine(8)
        ends.append(model.fit(data, steps=5).train_loss / c)
    assert max(ends) < 1.5 * min(ends)


@pytest.mark.parametrize("draw", range(4))
def test_years_in_float32_need_no_scaler(draw):
    rng = np.random.default_rng(draw)
    t = rng.integers(1950, 2025, 400).astype("float32")
    y = np.sin((t - 1950) / 10)
    model = KAN([1, 1], grid=10, seed=0)
    assert model.fit((t[:, None], y[:, None]), steps=20).train_loss < 1e-3
    given = KAN([1, 1], grid=10, seed=0, input_scaler=Scaler.of(torch.from_numpy(t)[:, None]))
    assert given.fit((t[:, None], y[:, None]), steps=20).train_loss < 1e-3


@pytest.mark.parametrize("c", [1e-30, 1e-9, 1e-8, 1.0, 1e30])
@pytest.mark.parametrize("scaled", [True, False])
def test_small_targets_are_learnt_as_large_ones(c, scaled):
    x = torch.linspace(0.2, 2, 500, dtype=DOUBLE)[:, None]
    y = c / x
    scalers = {"input_scaler": Scaler.of(x), "output_scaler": Scaler.of(y)} if scaled else {}
    result = KAN([1, 1], seed=0, dtype=DOUBLE, **scalers).fit((x, y), steps=20)
    assert result.train_loss / float(y.std()) < 0.05


@pytest.mark.parametrize(
    ("x", "law"),
    [
        (
            torch.linspace(1e-7, 9e-7, 200, dtype=DOUBLE),
            lambda x: 1.6e-19 * torch.sin(x / 1e-7),
        ),  # metres, joules
        (torch.linspace(273.15, 373.15, 200, dtype=DOUBLE), lambda x: 1e5 * torch.exp(-2000 / x)),  # kelvins
        (1.7e9 + torch.linspace(0, 86400, 200, dtype=DOUBLE), lambda x: 20 + torch.cos((x - 1.7e9) / 13750)),
    ],
)
def test_quantities_in_si_units(x, law):
    x, y = x[:, None], law(x)[:, None]
    model = KAN([1, 1], grid=10, seed=0, dtype=DOUBLE)
    assert model.fit((x, y), steps=20).train_loss < 1e-3 * float(y.std())
    assert _rmse(model, x, y) < 1e-3 * float(y.std())


def test_a_formula_of_a_model_that_was_given_scalers_is_in_the_users_units():
    x = torch.linspace(1950, 2025, 200, dtype=DOUBLE)[:, None]
    y = 1e-9 * (x - 1987) ** 2
    model = KAN([1, 1], grid=5, seed=0, dtype=DOUBLE)
    model.fit((x, y), steps=20)
    expression = model.symbolify(functions=["x^2"]).formula().expr
    assert float(expression.subs("x_1", 2000.0)) == pytest.approx(1.69e-7, rel=1e-3)


def test_a_model_that_is_saved_keeps_its_units(tmp_path):
    x, y = 1950 + 75 * U[:, :1], 1e-9 * V
    model = KAN([1, 1], seed=0, dtype=DOUBLE)
    model.fit((x, y), steps=3)
    model.save(tmp_path / "model")
    again = KAN.load(tmp_path / "model")
    assert torch.equal(again(x), model(x)) and again.is_trained
    loss = _rmse(model, x, y)
    assert again.fit((x, y), steps=3).train_loss <= loss and math.isfinite(loss)
