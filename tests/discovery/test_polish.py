from __future__ import annotations

import numpy as np
import pytest
import sympy

from edgewise.discovery import discover
from edgewise.discovery.polish import fitted

A, B = sympy.symbols("a b")
X = np.random.default_rng(0).uniform(1, 3, (200, 2))


@pytest.mark.parametrize(
    ("start", "law"),
    [
        (1.1 * A + 0.7, lambda a, b: 2 * a + 3),
        (1.5 * sympy.sin(2.1 * A) * B, lambda a, b: 1.2 * np.sin(2 * a) * b),
        (A / (B + 1.3) ** 1.2, lambda a, b: a / (b + 2) ** 1.5),
        (0.9 * sympy.exp(-0.8 * A / B), lambda a, b: 3 * np.exp(-1.7 * a / b)),
    ],
)
def test_constants_are_fitted_to_rounding(start, law):
    fit = fitted(start, (A, B), X, law(*X.T))
    assert fit.rmse < 1e-12
    np.testing.assert_allclose(sympy.lambdify((A, B), fit.form)(*X.T), law(*X.T), rtol=1e-10)


def test_errors_are_those_of_least_squares():
    random = np.random.default_rng(1)
    y = 2 * X[:, 0] + 3 + 0.1 * random.standard_normal(200)
    fit = fitted(1.5 * A + 1.0, (A, B), X, y)
    design = np.stack([X[:, 0], np.ones(200)], 1)
    rest = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    expected = np.sqrt(np.diag(np.linalg.inv(design.T @ design)) * (rest @ rest) / 198)
    np.testing.assert_allclose(sorted(fit.errors), sorted(expected), rtol=1e-6)


def test_constants_that_the_samples_do_not_decide_have_no_finite_error():
    fit = fitted(1.5 * A / (0.7 * A + 0.3 * B), (A, B), X, X[:, 0] / (X[:, 0] + X[:, 1]))
    assert not np.isfinite(fit.errors).any() or fit.errors.max() > 1e3 * abs(fit.values).max()


def test_what_has_no_real_value_is_none():
    assert fitted(sympy.sqrt(A - 5.0), (A, B), X, X[:, 0]) is None
    assert fitted(sympy.log(0.0 * A), (A, B), X, X[:, 0]) is None


def test_an_expression_without_constants_is_only_measured():
    fit = fitted(A * B, (A, B), X, X[:, 0] * X[:, 1])
    assert (fit.rmse, len(fit.values), fit.form) == (0.0, 0, A * B)


def test_weights_count_squares_and_weight_zero_leaves_out():
    random = np.random.default_rng(2)
    deviation = random.uniform(0.01, 1, 200)
    y = 2 * X[:, 0] + 3 + deviation * random.standard_normal(200)
    y[0] = np.nan
    weights = 7 / deviation**2
    weights[0] = 0
    fit = fitted(1.5 * A + 1.0, (A, B), X, y, weights=weights)
    rows = np.sqrt(weights[1:, None] / weights[1:].mean()) * np.stack([X[1:, 0], np.ones(199), y[1:]], 1)
    expected, (left,), *_ = np.linalg.lstsq(rows[:, :2], rows[:, 2], rcond=None)
    np.testing.assert_allclose(sorted(fit.values), sorted(expected), rtol=1e-6)
    assert fit.rmse == pytest.approx(np.sqrt(left / 199), rel=1e-9)
    errors = np.sqrt(np.diag(np.linalg.inv(rows[:, :2].T @ rows[:, :2])) * left / 197)
    np.testing.assert_allclose(sorted(fit.errors), sorted(errors), rtol=1e-6)


def test_equal_weights_change_nothing():
    y = 2 * X[:, 0] ** 1.5 + 3
    plain, weighted = (fitted(1.5 * A + 1.0, (A, B), X, y, weights=w) for w in (None, np.full(200, 5.0)))
    np.testing.assert_allclose(weighted.values, plain.values, rtol=1e-12)


def test_of_several_starts_the_best_counts():
    y = np.sin(7 * X[:, 0])
    starts = np.array([[5.0], [6.8], [9.0]])
    assert fitted(sympy.sin(2.1 * A), (A, B), X, y).rmse > 0.1
    assert fitted(sympy.sin(2.1 * A), (A, B), X, y, starts=starts).rmse < 1e-10


def test_what_programs_do_not_know_is_fitted_by_sympy():
    form = sympy.Piecewise((1.5 * A, A < 2), (2.5 * A, True))
    fit = fitted(form, (A, B), X, np.where(X[:, 0] < 2, 2 * X[:, 0], 3 * X[:, 0]))
    np.testing.assert_allclose(fit.values, [2, 3], rtol=1e-8)


def test_many_samples_are_fitted_from_where_a_few_of_them_lead(monkeypatch):
    x = np.random.default_rng(3).uniform(1, 3, (30_000, 2))
    y = 1.2 * np.sin(2 * x[:, 0]) * x[:, 1] + 0.1 * np.random.default_rng(4).standard_normal(30_000)
    fit = fitted(1.5 * sympy.sin(2.1 * A) * B, (A, B), x, y)
    monkeypatch.setattr("edgewise.discovery.polish._MANY", 10**9)
    expected = fitted(1.5 * sympy.sin(2.1 * A) * B, (A, B), x, y)
    np.testing.assert_allclose(fit.values, expected.values, rtol=1e-6)
    assert fit.jacobian.shape == (30_000, 2)
    assert fit.rmse == pytest.approx(expected.rmse, rel=1e-9)


def test_constants_that_make_up_for_each_other_cost_what_they_tell_together():
    x = np.linspace(1, 3, 200)[:, None]
    y = 0.731 * x[:, 0] ** 2 + 0.01 * np.random.default_rng(0).standard_normal(200)
    a = sympy.Symbol("a")
    square = fitted(0.7 * a**2, [a], x, y)
    bent = fitted(187.0 * sympy.tanh(0.0039 * a**2), [a], x, y)
    assert square.shared_bits == 0
    assert bent.shared_bits > 8  # each of its two constants by itself is hardly known


def test_a_power_is_not_given_up_for_a_curve_whose_constants_are_undecided():
    random = np.random.default_rng(0)
    x = random.uniform(1, 3, (200, 1))
    found = discover(x, 0.731 * x[:, 0] ** 2 + 0.01 * random.standard_normal(200), noise=0.01, networks=False)
    assert found.best.expression.has(sympy.Symbol("x_1") ** 2) and found.best.complexity == 5


def test_constants_whose_sizes_differ_by_many_decades_are_fitted_together():
    random = np.random.default_rng(0)
    frequency, heat = np.exp(random.uniform(np.log([1e12, 100]), np.log([1e15, 1e4]), (300, 2))).T
    y = 1.4745e-50 * frequency**3 / np.expm1(4.79924e-11 * frequency / heat)
    nu, t = sympy.symbols("nu T")
    start = sympy.Float(1.4742e-50) * nu**3 / (sympy.exp(sympy.Float(4.7988e-11) * nu / t) - 1)
    fit = fitted(start, (nu, t), np.stack([frequency, heat], 1), y)
    np.testing.assert_allclose(fit.values, [1.4745e-50, 4.79924e-11], rtol=1e-9)
