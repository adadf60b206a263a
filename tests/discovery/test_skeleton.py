from __future__ import annotations

import pytest
import sympy

from edgewise.discovery.skeleton import form_of

A, B = sympy.symbols("a b")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (2.5 * A + 1, sympy.pi * A + 3.7, True),
        (2.5 * A + 1, sympy.pi * A, False),
        (2.5 * A, A, True),
        (A**2, A**3, False),
        (A**2.31, A**1.7, True),
        (A * sympy.exp(-0.3 * B), 7 * A * sympy.exp(-2 * B), True),
        (5 * A * sympy.exp(-0.3 * B), 7 * A * sympy.exp(-2 * B**2), False),
        (A / sympy.sqrt(9 - B**2), A / sympy.sqrt(8.7 - 1.02 * B**2), True),
        (sympy.sin(A + 1), sympy.sin(A + 2.5), True),
    ],
)
def test_forms_are_laws_but_for_their_numbers(one, other, same):
    assert (form_of(one) == form_of(other)) == same
