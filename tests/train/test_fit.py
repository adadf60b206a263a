from __future__ import annotations

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from edgewise import GridUpdates
from edgewise.errors import EdgewiseError, InputError, UnknownName
from edgewise.network import build, mask_edges, set_formula
from edgewise.testing import state_bits
from edgewise.train import fit

X = torch.linspace(-1, 1, 40)[:, None]
Y = (3 * X).sin()
XY = torch.rand(50, 2, generator=torch.Generator().manual_seed(1)) * 2 - 1
Z = (XY[:, :1] * 2).sin() + XY[:, 1:] ** 2


def curve(**settings) -> nn.Module:
    return build([1, 1], seed=0, **settings)


@torch.no_grad()
def rmse(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> float:
    return float(F.mse_loss(model(x), y).sqrt())


@pytest.mark.parametrize("opt", ["LBFGS", "Adam"])
def test_the_loss_falls(opt):
    model = curve()
    result = fit(model, (X, Y), opt=opt, steps=5)
    assert result.train_loss < result["train_loss"][0] * 1.0001
    assert result.train_loss == pytest.approx(rmse(model, X, Y), rel=1e-5)
    assert result.loss == pytest.approx(result.train_loss**2)


def test_unknown_optimiser_is_an_error():
    model = curve()
    before = state_bits(model)
    with pytest.raises(UnknownName, match="Did you mean 'Adam'"):
        fit(model, (X, Y), opt="Adaam", steps=1)
    assert state_bits(model) == before


def test_one_dimensional_labels_do_not_broadcast():
    flat, column = curve(), curve()
    a, b = fit(flat, (X, Y[:, 0]), steps=2), fit(column, (X, Y), steps=2)
    assert a.train_loss == b.train_loss < 0.3
    assert state_bits(flat) == state_bits(column)


def test_one_dimensional_predictions_do_not_broadcast():
    class Flat(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = nn.Linear(1, 1)

        def forward(self, x):
            return self.inner(x)[:, 0]

    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = Flat()
    result = fit(model, (X, 2 * X + 1), steps=3)
    assert result.train_loss < 1e-4


def test_cross_entropy_is_not_reported_as_its_square_root():
    model = build([2, 3], seed=0)
    labels = (XY[:, 0] > 0).long() + (XY[:, 1] > 0).long()
    result = fit(model, (XY, labels), loss="cross_entropy", opt="Adam", steps=2)
    expected = F.cross_entropy(model(XY), labels).item()
    assert result.train_loss == pytest.approx(expected, rel=1e-5) == pytest.approx(result.loss)
    assert result["train_loss"] == result["cross_entropy"]


@pytest.mark.parametrize(("stop", "num"), [(3, 10), (0, 10), (1, 5), (-1, 3)])
def test_stop_before_num_does_not_divide_by_zero(stop, num):
    result = fit(curve(), (X, Y), steps=4, update_grid=GridUpdates(num, stop=stop))
    assert math.isfinite(result.train_loss)


def test_no_test_set_is_fine():
    result = fit(curve(), {"train_input": X, "train_label": Y}, steps=1)
    assert result.test_loss is None and "test_loss" not in result


def test_test_set_smaller_than_batch():
    data = {"train_input": X, "train_label": Y, "test_input": X[:3], "test_label": Y[:3]}
    model = curve()
    result = fit(model, data, opt="Adam", batch=16, steps=2)
    assert result.test_loss == pytest.approx(rmse(model, X[:3], Y[:3]), rel=1e-5)
    assert len(result["test_loss"]) == 2


@pytest.mark.parametrize("opt", ["LBFGS", "Adam"])
def test_steps_zero_measures_and_changes_nothing(opt):
    model = curve()
    before = state_bits(model)
    result = fit(model, (X, Y), opt=opt, steps=0)
    assert state_bits(model) == before
    assert result.train_loss == pytest.approx(rmse(model, X, Y), rel=1e-6)
    assert (result.steps, result.stop.reason, result.history) == (0, "no steps", {})


def test_two_fits_do_not_share_state():
    def end(between: bool) -> dict[str, bytes]:
        model = curve()
        fit(model, (X, Y), opt="Adam", batch=8, steps=2)
        if between:
            fit(build([2, 2, 1], seed=3), (XY, Z), opt="Adam", batch=8, steps=3, lamb=0.1, seed=9)
        fit(model, (X, Y), steps=2)
        return state_bits(model)

    assert end(True) == end(False)


@pytest.mark.parametrize(
    "settings",
    [{}, {"lamb": 0.01}, {"opt": "Adam"}, {"opt": "Adam", "batch": 8, "validation": 0.2}],
)
def test_same_seed_same_bits(settings):
    models = [build([2, 2, 1], seed=0) for _ in range(2)]
    results = [fit(model, (XY, Z), steps=3, seed=5, **settings) for model in models]
    assert state_bits(models[0]) == state_bits(models[1])
    assert results[0].history == results[1].history


def test_another_seed_is_another_order():
    models = [curve() for _ in range(2)]
    for seed, model in enumerate(models):
        fit(model, (X, Y), opt="Adam", batch=8, steps=2, seed=seed)
    assert state_bits(models[0]) != state_bits(models[1])


@pytest.mark.parametrize("settings", [{}, {"opt": "Adam", "batch": 8, "validation": 0.2, "metrics": "r2"}])
def test_global_random_state_is_untouched(no_side_effects, settings):
    fit(build([2, 2, 1], seed=0), (XY, Z), steps=2, lamb=0.01, **settings)
    no_side_effects.check()


@pytest.mark.parametrize("progress", [None, False])
def test_nothing_printed_and_no_file_written(tmp_path, monkeypatch, capfd, progress):
    monkeypatch.chdir(tmp_path)
    fit(curve(), (X, Y), steps=2, progress=progress)
    assert tuple(capfd.readouterr()) == ("", "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("opt", ["LBFGS", "Adam"])
def test_data_is_not_changed(opt):
    data = {
        "train_input": X.clone(),
        "train_label": Y.clone(),
        "test_input": X[:5].clone(),
        "test_label": Y[:5],
    }
    copies = {key: value.clone() for key, value in data.items()}
    fit(curve(), data, opt=opt, steps=2, lamb=0.01)
    assert data.keys() == copies.keys()
    assert all(torch.equal(data[key], copies[key]) and not data[key].requires_grad for key in data)


@pytest.mark.parametrize("opt", ["LBFGS", "Adam"])
def test_grid_updates_keep_the_loss_finite(opt):
    model = build([2, 2, 1], seed=0)
    far = 5 * XY + 3
    knots = model.layers[0].basis.knots.clone()
    result = fit(model, (far, Z), opt=opt, steps=5, update_grid=GridUpdates(5, stop=5))
    assert not torch.equal(knots, model.layers[0].basis.knots)
    assert all(math.isfinite(value) for value in result["train_loss"])


def test_without_grid_updates_knots_stay():
    model = curve()
    knots = model.layers[0].basis.knots.clone()
    fit(model, (5 * X, Y), steps=2, update_grid=False)
    assert torch.equal(model.layers[0].basis.knots, knots)


@pytest.mark.parametrize("opt", ["LBFGS", "Adam"])
def test_frozen_parameters_stay(opt):
    model = build([2, 2, 1], seed=0)
    frozen = model.layers[0].basis.scale_base.requires_grad_(False)
    before = frozen.clone()
    free = model.layers[0].basis.coef.detach().clone()
    fit(model, (XY, Z), opt=opt, steps=2, lamb=0.01)
    assert torch.equal(frozen, before) and not frozen.requires_grad
    assert not torch.equal(free, model.layers[0].basis.coef)


def test_nothing_to_train_is_an_error():
    with pytest.raises(InputError, match="requires_grad"):
        fit(curve().requires_grad_(False), (X, Y), steps=1)


@pytest.mark.parametrize("error", [None, RuntimeError("stop")])
def test_model_modes_are_restored_and_gradients_cleared(error):
    model = nn.Sequential(curve(), nn.Dropout(0.0), curve()).eval()
    model[1].train()

    def callback(step, values):
        assert all(module.training for module in model.modules())
        if error is not None:
            raise error

    if error is None:
        fit(model, (X, Y), opt="Adam", steps=2, callback=callback)
    else:
        with pytest.raises(RuntimeError, match="stop"):
            fit(model, (X, Y), opt="Adam", steps=2, callback=callback)
    assert model[1].training and not any(m.training for m in (model, model[0], model[2]))
    assert all(parameter.grad is None for parameter in model.parameters())


def test_result_repr_fits_a_screen():
    result = fit(curve(), (X, Y), steps=2, validation=0.2)
    lines = repr(result).splitlines()
    assert len(lines) <= 10 and max(map(len, lines)) < 160
    assert repr(result).startswith("FitResult(train_loss=") and result.stop.reason in repr(result)
    assert result["train_loss"] is result.history["train_loss"] and len(result["train_loss"]) == result.steps


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("opt", ["LBFGS", "Adam"])
def test_floating_types_are_the_models(dtype, opt):
    model = curve(dtype=dtype)
    result = fit(model, (X.numpy().astype(np.float64), Y.float()), opt=opt, steps=2, lamb=1e-3)
    assert all(p.dtype == dtype for p in model.parameters())
    assert math.isfinite(result.train_loss)


def test_a_network_of_formulas_only_trains():
    model = set_formula(curve(), (0, 0, 0), "sin", (2.0, 0.1, 0.8, 0.0))
    assert model.edge_kind(0, 0, 0) == "formula"
    result = fit(model, (X, Y), steps=5)
    assert result.train_loss < 1e-3 and model.edge_kind(0, 0, 0) == "formula"


def test_a_network_with_all_edges_off_does_not_crash():
    model = mask_edges(curve(), [(0, 0, 0)])
    assert math.isfinite(fit(model, (X, Y), steps=2, lamb=0.1).train_loss)


def test_any_module_trains():
    model = nn.Linear(1, 1)
    with torch.no_grad():
        model.weight.fill_(0.5)
        model.bias.fill_(0.0)
    result = fit(model, (X, 2 * X + 1), steps=3)
    assert result.train_loss < 1e-5
    with pytest.raises(InputError, match="lamb must be 0"):
        fit(model, (X, Y), lamb=0.1, steps=1)


@pytest.mark.parametrize(
    "settings",
    [
        {"steps": -1}, {"steps": 1.5}, {"steps": True}, {"patience": 0}, {"batch": 0}, {"batch": 2.0},
        {"opt": "LBFGS", "batch": 8}, {"lr": -1.0, "opt": "Adam"}, {"lamb": -1.0}, {"penalty": "l1"},
        {"loss": 3}, {"loss": "msee"}, {"metrics": "r3"}, {"update_grid": 3}, {"validation": 1.0},
        {"validation": 0}, {"opt": 7},
        {"scheduler": "cosine"}, {"opt": "Adam", "scheduler": "cosin"}, {"opt": "Adam", "scheduler": 3},
    ],
)  # fmt: skip
def test_wrong_arguments_are_named(settings):
    model = curve()
    before = state_bits(model)
    with pytest.raises(EdgewiseError, match=r"^fit: ") as caught:
        fit(model, (X, Y), **settings)
    assert any(name in str(caught.value) for name in settings)
    assert state_bits(model) == before
