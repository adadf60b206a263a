from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import sympy

from edgewise.discovery import Law
from edgewise.discovery.digits import readable, with_error
from edgewise.discovery.numbers import Numbers
from edgewise.discovery.polish import fitted
from edgewise.discovery.split import Split

A = sympy.Symbol("a")
RANDOM = np.random.default_rng(0)
X = RANDOM.uniform(1, 2, (200, 1))


def law(form, y, verdict):
    split = Split(X, y, X, y)
    fit = fitted(form, (A,), X, y)
    found = Law(fit.form, (A,), fit.rmse, fit.rmse, 0.9, 0.0, (), verdict, "", fit=fit)
    return found, split


@pytest.mark.parametrize("noise", [0.3, 1e-2, 1e-5])
def test_two_digits_of_the_error_are_kept(noise):
    y = 12.3456789 * X[:, 0] + noise * RANDOM.standard_normal(200)
    found, split = law(10.0 * A, y, "within noise")
    numbers = Numbers.of(found, split)
    shown = readable(found, split, numbers)
    (number,), (error,) = Numbers.of(shown, split).values, numbers.errors
    assert abs(number - numbers.values[0]) <= 0.05 * error
    assert float(f"{number:.{int(np.ceil(-np.log10(error))) + 3}g}") == number
    assert shown.train_rmse == pytest.approx(np.sqrt(np.mean((y - number * X[:, 0]) ** 2)), rel=1e-12)


def test_an_exact_law_stays_exact():
    y = 8.314462618 * np.exp(-0.731 * X[:, 0])
    found, split = law(8.3 * sympy.exp(-0.73 * A), y, "exact")
    shown = readable(found, split, Numbers.of(found, split))
    assert shown.text() == "8.314462618*exp(-0.731*a)"
    third = law(0.3 * A, X[:, 0] / 3, "exact")
    assert readable(third[0], third[1], Numbers.of(*third)).test_rmse < 1e-13


def test_numbers_that_compensate_each_other_keep_more_digits():
    y = 1000 * X[:, 0] - 999 * X[:, 0] ** 1.001 + 1e-3 * RANDOM.standard_normal(200)
    found, split = law(1000.0 * A - 999.0 * A**1.001, y, "within noise")
    shown = readable(found, split, Numbers.of(found, split))
    assert shown.test_rmse <= 1.001 * found.test_rmse


def test_constants_of_nature_keep_their_names():
    k, y = sympy.Symbol("k"), 2.5 * 1.38e-23 * X[:, 0] * (1 + 1e-3 * RANDOM.standard_normal(200))
    fit = fitted(2.4e0 * k * A, (A, k), np.column_stack([X, np.full(200, 1.38e-23)]), y)
    plain = fit.form.xreplace({k: sympy.Float(1.38e-23)})
    found = Law(plain, (A,), fit.rmse, fit.rmse, 0.9, 0.0, (), "within noise", "", named=fit.form, fit=fit)
    split = replace(Split(X, y, X, y), known={"k": 1.38e-23})
    shown = readable(found, split, Numbers.of(found, split))
    assert shown.named.has(k) and not shown.expression.has(k)
    assert len(shown.text()) <= len("2.50000*a*k")
    np.testing.assert_allclose(shown.predict(X), found.predict(X), rtol=1e-3)


def test_numbers_with_errors():
    assert with_error(-0.00012345, 0.000012) == "-0.000123 +- 0.000012"
    assert with_error(-1.2345e-7, 1.2e-8) == "(-1.23 +- 0.12)e-07"
    assert with_error(99.96, 0.96) == "99.96 +- 0.96"
    assert with_error(2.0, np.inf) == with_error(2.0, 0.0) == "2"
    assert with_error(0.3, 25.0) == "0 +- 25"
