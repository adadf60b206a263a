from __future__ import annotations

import numpy as np
import pytest
import sympy

from edgewise.discovery.written import digits_of, written

A, B, C = sympy.symbols("a b c")
X = np.random.default_rng(0).uniform(-2, 2, (300, 3))


def test_constants_are_fitted_and_set_to_exact_numbers():
    found = written(1.1 * A + 0.4 * B**2 + 0.3, (A, B, C), X, 2 * X[:, 0] + 0.5 * X[:, 1] ** 2 + 0.123456)
    assert sympy.simplify(found.law - (2 * A + B**2 / 2 + sympy.Float(found.fit.values[0]))) == 0
    assert len(found.constants) == 3
    assert digits_of(found.constants) > 30  # 0.123456 in all its digits; 2 and 1/2 have none
    assert digits_of([one for one in found.constants if not one.value.is_Float]) == 0


def test_what_is_lost_in_rounding_is_left_out():
    form = 4.4e-15 * (1 + 2.3e14 * sympy.exp(-1.0 * C)) * (sympy.sin(A) + 1.01 * B) ** 2
    y = (np.sin(X[:, 0]) + X[:, 1]) ** 2 * np.exp(-X[:, 2])
    found = written(form, (A, B, C), X, y)
    assert found.law == (sympy.sin(A) + B) ** 2 * sympy.exp(-C)
    assert found.fit.rmse < 1e-13


def test_a_form_without_real_values_is_no_law():
    assert written(sympy.log(1.0 * A), (A, B, C), X, X[:, 1]) is None


def test_targets_over_decades_tell_constants_by_all_samples():
    x = np.random.default_rng(0).uniform(0.01, 200, (300, 2))
    y = 0.371 * x[:, 1] * np.expm1(0.813 * x[:, 0])  # the two largest alone would give both constants
    found = written(0.36 * B * (sympy.exp(0.8 * A) - 1), (A, B), x, y)
    assert sorted(one.fitted for one in found.constants) == pytest.approx([0.371, 0.813], rel=1e-12)


def test_a_sum_is_a_number_times_a_sum_only_where_that_shows_exact_numbers():
    x = np.random.default_rng(0).uniform(1, 3, (300, 3))
    noise = 0.02 * np.random.default_rng(1).standard_normal(300)
    alike = written(1.7 * A - 2.6 * B, (A, B, C), x, 1.731 * (x[:, 0] - 1.5 * x[:, 1]) + noise)
    assert alike.free == 1 and len(alike.law.atoms(sympy.Float)) == 1
    other = written(
        1.7 * A / (B + 0.5) - 2.6 / C,
        (A, B, C),
        x,
        1.731 * x[:, 0] / (x[:, 1] + 0.37) - 2.63 / x[:, 2] + noise,
    )
    assert other.law.is_Add
    assert sorted(map(float, other.law.atoms(sympy.Float))) == pytest.approx(
        sorted(one.fitted for one in other.constants if one.value.is_Float)
    )
