from __future__ import annotations

import numpy as np
import pytest
import sympy

from edgewise.discovery import Law
from edgewise.discovery.numbers import Numbers
from edgewise.discovery.polish import fitted
from edgewise.discovery.split import Split

A, B = sympy.symbols("a b")
RANDOM = np.random.default_rng(0)
X = RANDOM.uniform(1, 2, (200, 2))


def numbers(form, written, y, weights=None):
    """Those that stand in `written`, which equals the fit of `form`."""
    fit = fitted(form, (A, B), X, y, weights=weights)
    law = Law(written(fit.values), (A, B), fit.rmse, 0, 0, 0, (), "", "", fit=fit)
    return Numbers.of(law, Split(X, y, X, y, weights)), fit


def test_of_a_line_as_in_textbooks():
    y = 3 + 2 * X[:, 0] + 0.1 * RANDOM.standard_normal(200)
    found, fit = numbers(1.5 * A + 2.5, lambda _: fit_of(y), y)
    design = np.stack([X[:, 0], np.ones(200)], 1)
    spread = np.sum((y - design @ np.linalg.lstsq(design, y, rcond=None)[0]) ** 2) / 198
    np.testing.assert_allclose(found.covariance, spread * np.linalg.inv(design.T @ design), rtol=1e-6)
    assert found.correlations[0, 1] < -0.9
    np.testing.assert_allclose(found.errors, fit.errors, rtol=1e-6)


def fit_of(y):
    slope, shift = np.polyfit(X[:, 0], y, 1)
    return slope * A + shift


def test_one_constant_in_two_places_is_one_constant():
    y = 1.3 * X[:, 0] * (1 - X[:, 1] / 2) + 0.1 * RANDOM.standard_normal(200)
    found, fit = numbers(1.1 * A * (1 - B / 2), lambda c: c[0] * A - c[0] / 2 * A * B, y)
    np.testing.assert_allclose(found.errors, fit.errors[0] * np.array([0.5, 1.0]), rtol=1e-6)
    assert found.correlations[0, 1] == pytest.approx(-1)


def test_what_the_samples_do_not_decide_is_said():
    y = X[:, 0] + 0.1 * RANDOM.standard_normal(200)
    ones = 1.5 * sympy.sin(B) ** 2 + 0.5 * sympy.cos(B) ** 2 + 0.25 + 3.5 * A
    found = Numbers.of(Law(ones, (A, B), 0.1, 0, 0, 0, (), "", ""), Split(X, y, X, y))
    assert np.isfinite(found.errors).tolist() == [False, False, False, True]
    assert np.isnan(found.correlations[:3]).all() and found.correlations[3, 3] == pytest.approx(1)


def test_weights_count():
    weights = np.concatenate([np.zeros(100), np.full(100, 2.0)])
    y = 2.2 * X[:, 0] + 0.1 * RANDOM.standard_normal(200)
    found, fit = numbers(1.5 * A, lambda c: c[0] * A, y, weights)
    np.testing.assert_allclose(found.errors, fit.errors, rtol=1e-6)


def test_a_law_without_floats_has_none():
    law = Law(A / 2, (A, B), 0.1, 0, 0, 0, (), "", "")
    assert Numbers.of(law, Split(X, X[:, 0], X, X[:, 0])).constants == ()
