from __future__ import annotations

import pytest
import sympy

from edgewise.discovery import Constant, Law
from edgewise.discovery.rivalry import is_hardly_chance, is_short

A, B = sympy.symbols("a b")


def law(expression, *errors):
    """A law whose free constants have these errors."""
    numbers = sorted(expression.atoms(sympy.Float))
    constants = [Constant(float(n), e, n) for n, e in zip(numbers, errors, strict=True)]
    return Law(expression, (A, B), 0.1, 0.1, 0.9, 10.0, tuple(constants), "within noise", "")


@pytest.mark.parametrize("error", [1e-2, 1e-5, 1e-9])
def test_more_digits_do_not_make_a_law_longer(error):
    assert is_short(law(2.345 * sympy.sqrt(A / B), error))
    assert not is_short(law(2.345 * A / (1.234 * B + 0.987 * A**2 + 1), error, error, error))


def test_a_law_of_exact_numbers_is_short():
    assert is_short(law(sympy.sin(A) / (A**2 + B**2 + 2 * A * B * sympy.cos(A) + 3)))


def test_many_constants_may_be_right_by_chance():
    assert is_hardly_chance(law(5.14 * A / (B + 2.14 * A + 1.49), 0.1, 0.1, 0.1))
    assert not is_hardly_chance(law(1.5 + 2.5 * A + 3.5 * A**2 + 4.5 * A**3, 0.1, 0.1, 0.1, 0.1))
    parts = sum((sympy.sin(A + n) * sympy.exp(B / n) for n in range(1, 9)), sympy.Integer(0))
    assert not is_hardly_chance(law(parts))
