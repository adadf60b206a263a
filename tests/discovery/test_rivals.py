from __future__ import annotations

import numpy as np
import sympy

from edgewise.discovery import Law
from edgewise.discovery.polish import fitted
from edgewise.discovery.rivals import rivals
from edgewise.discovery.split import Split

A = sympy.Symbol("a")
RANDOM = np.random.default_rng(0)


def laws(forms, x, y):
    fits = [fitted(form, (A,), x, y) for form in forms]
    return [
        Law(fit.form, (A,), fit.rmse, fit.rmse, 0.9, float(n), (), "within noise", "", fit=fit)
        for n, fit in enumerate(fits)
    ]


FORMS = [1.5 - 0.5 * A, sympy.exp(-(A**2)) * 1.1, 0.9 * A**2, 0.9 + 0.1 * A + 0.2 * A**2]


def test_a_line_and_a_gaussian_over_a_short_range():
    x = RANDOM.uniform(0.9, 1.3, (200, 1))
    y = 2 * np.exp(-(x[:, 0] ** 2) / 2) + 0.02 * RANDOM.standard_normal(200)
    line, bell, square, more = laws([FORMS[0], 2.0 * sympy.exp(-0.5 * A**2), *FORMS[2:]], x, y)
    several = rivals(line, [square, more, bell, line], Split(x, y, x[:50], y[:50]), 0.02)
    assert [one.law for one in several] == [bell, more]  # not the parabola, which is wrong
    found = several[0]
    assert found.apart < 0.5 < 1.5 < found.beyond and not 0.9 < found.where["a"] < 1.3


def test_over_a_long_range_they_are_told_apart():
    x = RANDOM.uniform(0.1, 3, (200, 1))
    y = 2 * np.exp(-(x[:, 0] ** 2) / 2) + 0.02 * RANDOM.standard_normal(200)
    line, bell = laws([FORMS[0], 2.0 * sympy.exp(-0.5 * A**2)], x, y)
    assert rivals(bell, [line], Split(x, y, x, y), 0.02) == ()


def test_the_same_law_in_other_words_is_no_rival():
    x = RANDOM.uniform(1, 2, (100, 1))
    y = 2 * x[:, 0] ** 2 + 0.1 * RANDOM.standard_normal(100)
    one, same = laws([1.9 * A**2, 1.9 * A**3 / A + 0 * A], x, y)
    other = Law(one.expression * (sympy.sin(A) ** 2 + sympy.cos(A) ** 2), (A,), 0, 0, 0, 0, (), "", "")
    assert rivals(one, [same, other], Split(x, y, x, y), 0.1) == ()


def test_without_noise_there_are_none():
    x = RANDOM.uniform(1, 2, (100, 1))
    one, other = laws([1.9 * A**2, 1.9 * A**2 + 0.1], x, 2 * x[:, 0] ** 2)
    assert rivals(one, [other], Split(x, 2 * x[:, 0] ** 2, x, 2 * x[:, 0] ** 2), 0.0) == ()
