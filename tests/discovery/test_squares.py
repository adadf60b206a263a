from __future__ import annotations

import numpy as np
import pytest
import sympy

from edgewise.discovery.squares import with_squares
from edgewise.discovery.tidy import tidied
from edgewise.discovery.written import written

A, B = sympy.symbols("a b")
X = np.random.default_rng(0).uniform(1, 3, (200, 2))


@pytest.mark.parametrize(
    ("law", "short"),
    [
        (B * A**2 - 4 * B * A + 4 * B + 1, B * (A - 2) ** 2 + 1),
        (A**2 / 2 + A + B**2 - 6 * B + 3, (A + 1) ** 2 / 2 + (B - 3) ** 2 - sympy.Rational(13, 2)),
        (2.0 * A**2 * B - 3.0 * A * B + 1.125 * B, 2.0 * B * (A - 0.75) ** 2),
        (sympy.exp(B) * A**2 + 2 * A * sympy.exp(B) + A, sympy.exp(B) * (A + 1) ** 2 - sympy.exp(B) + A),
    ],
)
def test_squares_are_completed(law, short):
    assert sympy.expand(with_squares(law) - short) == 0
    assert with_squares(law) == short


@pytest.mark.parametrize("law", [A**2 + B, A + B, A * B, A**2 * B - A, sympy.sin(A) ** 2 + A])
def test_what_has_no_square_with_its_line_is_left(law):
    assert with_squares(law) is None


def test_laws_are_tidied_to_squares_only_where_that_is_shorter():
    assert tidied(B * A**2 - 4 * B * A + 4 * B + 1, (A, B), X) == B * (A - 2) ** 2 + 1
    assert tidied(A**2 + 2 * A, (A, B), X).count(A) == 2


def test_a_quadratic_in_noise_is_a_square_where_that_leaves_fewer_constants():
    y = 1.7 * (X[:, 0] - 1.9) ** 2 * X[:, 1] + 0.01 * np.random.default_rng(1).standard_normal(200)
    found = written(1.7 * A**2 * B - 6.4 * A * B + 6.0 * B, (A, B), X, y)
    assert found.free == 2
    assert found.law.count(A) == 1
