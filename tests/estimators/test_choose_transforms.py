from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from sklearn.ensemble import HistGradientBoostingRegressor

from edgewise.estimators import KANClassifier, KANRegressor
from edgewise.estimators.choose_transforms import choose_transforms
from edgewise.estimators.columns import NumericRule
from edgewise.estimators.samples import Samples
from edgewise.estimators.task import values_task
from edgewise.exports import export


def chosen(x, y, kind="number"):
    weights = torch.ones(len(x), dtype=torch.float64)
    samples = Samples(torch.from_numpy(x), torch.from_numpy(y)[:, None], weights)
    rules = {place: NumericRule(f"x{place}", 0.0, False, kind) for place in range(x.shape[1])}
    found = choose_transforms(samples, values_task(samples.y, weights), rules, seed=0)
    return [found[place].name(rule.name) if place in found else rule.name for place, rule in rules.items()]


def noise(size):
    return 0.1 * np.random.default_rng(9).normal(size=size)


def test_columns_without_far_values_stay_as_they_are():
    random = np.random.default_rng(0)
    x = np.column_stack([random.normal(size=300), random.uniform(size=300), random.integers(0, 2, 300)])
    assert chosen(x, np.sin(x[:, 0])) == ["x0", "x1", "x2"]


@pytest.mark.parametrize("wild", [100.0, -1e9, 1e300])
def test_an_isolated_cell_is_cut(wild):
    x = np.random.default_rng(0).uniform(-3, 3, (300, 1))
    y = np.sin(2 * x[:, 0]) + noise(300)
    x[7] = wild
    assert chosen(x, y) == ["clip(x0, -3, 3)"]


def test_a_far_cell_that_lies_on_the_line_of_the_others_stays():
    x = np.random.default_rng(0).uniform(-3, 3, (300, 1))
    x[7] = 100.0
    assert chosen(x, 2 * x[:, 0] + noise(300)) == ["x0"]


def test_a_long_tail_is_read_as_the_target_asks():
    x = np.random.default_rng(0).lognormal(0, 1.5, (400, 2))
    assert chosen(x, np.log(x[:, 0]) + noise(400))[0] == "log(x0)"
    assert chosen(x, 3 * x[:, 0] - x[:, 1] + noise(400)) == ["x0", "x1"]
    assert chosen(x - 5, np.log(x[:, 0]) + noise(400))[0].startswith("asinh(")


def test_dates_have_no_logarithm_and_orders_stay():
    x = np.random.default_rng(0).lognormal(0, 2, (400, 1))
    y = np.log(x[:, 0])
    assert "log" not in chosen(x, y, "date")[0]
    assert chosen(x, y, "ordered") == ["x0"]


def tables():
    random = np.random.default_rng(0)
    x, new = random.uniform(-3, 3, (2, 500, 1))
    y = np.sin(2 * x[:, 0])
    x[7] = 100
    yield "one cell of 100", x, y, new, np.sin(2 * new[:, 0])
    x, new = random.normal(size=(2, 400, 4))
    y = x[:, 0] + np.sin(x[:, 1])
    x[3, 0] = 1e9
    yield "one cell of 1e9", x, y, new, new[:, 0] + np.sin(new[:, 1])
    x, new = random.lognormal(0, 2, (2, 500, 2))
    yield "log-normal", x, np.log(x[:, 0] * x[:, 1]) + noise(500), new, np.log(new[:, 0] * new[:, 1])
    x, new = random.standard_t(1.2, size=(2, 500, 2))
    yield "tails on both sides", x, np.tanh(x[:, 0]) + noise(500), new, np.tanh(new[:, 0])
    x, new = np.floor(random.lognormal(2, 1.5, (2, 500, 2)))
    y, truth = np.log1p(x[:, 0]), np.log1p(new[:, 0])
    yield "counts with zeros", x, y + noise(500), new, truth


@pytest.mark.parametrize(("x", "y", "new", "truth"), [pytest.param(*t[1:], id=t[0]) for t in tables()])
def test_wild_columns_are_fitted_as_well_as_by_boosting(x, y, new, truth):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ours = KANRegressor(hidden=0).fit(x, y).score(new, truth)
    assert ours > 0.98 * HistGradientBoostingRegressor(random_state=0).fit(x, y).score(new, truth)


def test_classes_are_told_apart_beside_a_wild_cell():
    random = np.random.default_rng(0)
    x, new = random.normal(size=(2, 300, 2))
    y = x[:, 0] > 0
    x[5, 0] = 1e9
    with pytest.warns(UserWarning, match="far off the others"):
        model = KANClassifier(hidden=0).fit(x, y)
    assert model.score(new, new[:, 0] > 0) > 0.95


def test_the_formula_is_in_the_columns_own_units_and_exports_agree():
    random = np.random.default_rng(0)
    x = random.lognormal(8, 1, (400, 1))
    model = KANRegressor(hidden=0).fit(x, 3 * np.log(x[:, 0]) + 1 + noise(400))
    assert str(model.formula_.expr).count("log(x_1)") == 1
    assert [str(symbol) for symbol in model.formula_.symbols] == ["log(x_1)"]
    space: dict = {}
    exec(export(model.model_, "numpy"), space)
    encoded = model.encoder_.transform(x)
    np.testing.assert_allclose(space["predict"](encoded)[:, 0], model.predict(x), rtol=1e-6)


def test_wild_cells_of_one_side_guard_the_other():
    x = np.random.default_rng(0).uniform(-3, 3, (300, 1))
    y = np.sin(2 * x[:, 0])
    x[[7, 9], 0] = 1e4, 1e5
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert abs(KANRegressor(hidden=0).fit(x, y).predict([[-1e6]])[0]) < 1.5


def test_values_far_outside_are_said_to_be_read_as_the_end():
    x = np.random.default_rng(0).uniform(-3, 3, (300, 1))
    y = np.sin(2 * x[:, 0])
    x[7] = 100.0
    with pytest.warns(UserWarning, match="100 in row 7"):
        model = KANRegressor(hidden=0).fit(x, y)
    with pytest.warns(UserWarning, match="read as the end of that range"):
        assert model.predict([[50.0]]) == model.predict([[3.0]])
