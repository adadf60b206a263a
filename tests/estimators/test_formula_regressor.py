from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
import sympy
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import estimator_checks_generator

import edgewise
from edgewise import discovery
from edgewise.discovery.search import Search
from edgewise.errors import InputError, TableWarning
from edgewise.estimators import FormulaRegressor

RANDOM = np.random.default_rng(0)
X = RANDOM.uniform(1, 3, (120, 2))
Y = X[:, 0] / np.sqrt(1 - X[:, 1] ** 2 / 16)


@pytest.fixture(scope="module")
def fitted():
    frame = pd.DataFrame(X, columns=["m", "v"])
    return FormulaRegressor(noise=0.0).fit(frame, pd.Series(Y, name="p"))


def test_the_law_predicts(fitted):
    assert edgewise.FormulaRegressor is FormulaRegressor
    m, v = sympy.symbols("m v")
    assert sympy.simplify(fitted.formula_ - 4 * m / sympy.sqrt(16 - v**2)) == 0
    assert fitted.score(pd.DataFrame(X, columns=["m", "v"]), Y) == pytest.approx(1)
    assert fitted.target_name_ == "p" and fitted.feature_names_in_.tolist() == ["m", "v"]
    assert fitted.discovery_.best.verdict == "exact"


def test_pickles_and_clones(fitted):
    frame = pd.DataFrame(X, columns=["m", "v"])
    assert np.array_equal(pickle.loads(pickle.dumps(fitted)).predict(frame), fitted.predict(frame))
    copy = clone(FormulaRegressor(noise=0.1, forbidden="x_1", functions=["sin"]))
    assert copy.get_params()["forbidden"] == "x_1" and not hasattr(copy, "formula_")


def test_where_the_law_has_no_value_it_says_so(fitted):
    with pytest.raises(InputError, match="none at 1 of 2, such as row 1"):
        fitted.predict(pd.DataFrame({"m": [1.0, 1.0], "v": [2.0, 5.0]}))


def test_in_a_pipeline_and_a_grid_search():
    model = make_pipeline(FunctionTransformer(np.log), FormulaRegressor(networks=False, noise=0.0))
    assert model.fit(X, np.log(X[:, 0]) ** 2).score(X, np.log(X[:, 0]) ** 2) == pytest.approx(1)
    search = GridSearchCV(FormulaRegressor(noise=0.0), {"test": [0.2, 0.3]}, cv=2, error_score="raise")
    assert search.fit(X, X[:, 0] * X[:, 1]).best_score_ == pytest.approx(1)


def test_what_discover_is_told_comes_through():
    model = FormulaRegressor(noise=0.0, forbidden="x_1", required=["x_2"]).fit(X, 3 * np.sin(X[:, 1]))
    assert any("Prescribed" in note for note in model.discovery_.notes)
    assert model.score(X, 3 * np.sin(X[:, 1])) == pytest.approx(1)
    with pytest.raises(InputError, match="seconds must be above 0"):
        FormulaRegressor(seconds=0).fit(X, Y)


def test_order_and_repeats_of_rows_do_not_matter():
    y = X[:, 0] * X[:, 1] + 0.05 * RANDOM.standard_normal(120)
    make = FormulaRegressor(networks=False, noise=0.05)
    counts = RANDOM.integers(0, 3, 120)
    one = clone(make).fit(X, y, sample_weight=counts)
    order = RANDOM.permutation(counts.sum())
    other = clone(make).fit(np.repeat(X, counts, 0)[order], np.repeat(y, counts)[order])
    assert np.array_equal(one.predict(X), other.predict(X)) and one.discovery_.samples.weights is not None


def test_without_a_law_the_mean_is_predicted_and_said():
    noise = RANDOM.standard_normal(60)
    with pytest.warns(TableWarning, match="No formula earns its place"):
        model = FormulaRegressor(networks=False, seconds=3).fit(RANDOM.standard_normal((60, 1)), noise)
    assert model.formula_ is None and model.predict([[0.0], [9.0]]) == pytest.approx([noise.mean()] * 2)
    with pytest.warns(TableWarning, match="targets are constant"):
        assert FormulaRegressor().fit(X, np.full(120, 2.0)).predict(X[:1]).tolist() == [2.0]
    with pytest.warns(TableWarning, match="5 different rows"):
        FormulaRegressor().fit(X[:5], Y[:5])


def test_without_a_law_a_network_of_splines_predicts_and_that_is_said(monkeypatch):
    def nothing(self, networks):
        return "all searched"

    monkeypatch.setattr("edgewise.discovery.search.Search.run", nothing)
    with pytest.warns(TableWarning, match="a network of splines predicts"):
        model = FormulaRegressor().fit(X[:, :1], X[:, 0] ** 2)
    assert model.formula_ is None and model.score(X[:, :1], X[:, 0] ** 2) > 0.99


def test_text_and_gaps_are_refused():
    frame = pd.DataFrame({"a": X[:, 0], "b": "red"})
    with pytest.raises(InputError, match="got 'red' in column 'b'"):
        FormulaRegressor().fit(frame, Y)
    with pytest.raises(ValueError, match="NaN"):
        FormulaRegressor().fit(np.where(X > 2.9, np.nan, X), Y)
    with pytest.raises(InputError, match="y must hold numbers"):
        FormulaRegressor().fit(X, ["a"] * 120)


CHECKS = [
    pytest.param(estimator, check, id=getattr(check, "func", check).__name__)
    for estimator, check in estimator_checks_generator(FormulaRegressor(networks=False, noise=None))
]


@pytest.fixture
def one_quick_search(monkeypatch):
    """Of the portfolio polynomials alone: the checks are of the estimator."""
    steps = Search._steps

    def polynomials(self, *rest):
        kept = ("polynomials and quotients", "sums of few terms")
        return (step for step in steps(self, *rest) if step[0] in kept)

    monkeypatch.setattr(Search, "_steps", polynomials)


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize(("estimator", "check"), CHECKS)
def test_the_check_of_scikit_learn_passes(estimator, check, one_quick_search):
    check(estimator)


def test_the_name_is_found_lazily():
    assert "FormulaRegressor" in dir(edgewise) and discovery.discover is edgewise.discover
