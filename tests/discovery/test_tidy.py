from __future__ import annotations

import numpy as np
import pytest
import sympy

from edgewise.discovery.judge import complexity
from edgewise.discovery.tidy import tidied, without_idle_parts

A, B = sympy.symbols("a b")
X = np.random.default_rng(0).uniform(1, 2, (50, 2))


@pytest.mark.parametrize(
    ("law", "short"),
    [
        ((A**2 * B + A * B**2) / A, B * (A + B)),
        (A * B / (B * sympy.sqrt(9 * A**2 / B**2 - 1)), A * B / sympy.sqrt(9 * A**2 - B**2)),
        (A / (A * (1 + B / A)), A / (A + B)),
        (sympy.sin(A), sympy.sin(A)),
        (B * (3 * sympy.sin(A) - 4 * sympy.sin(A) ** 3), B * sympy.sin(3 * A)),
        (2 * sympy.sin(A) * sympy.cos(A) / B, sympy.sin(2 * A) / B),
        (sympy.sin(A) ** 2, sympy.sin(A) ** 2),
    ],
)
def test_the_shortest_equal_form_is_taken(law, short):
    found = tidied(law, (A, B), X)
    assert complexity(found) <= complexity(short)
    np.testing.assert_allclose(
        sympy.lambdify((A, B), found)(*X.T), sympy.lambdify((A, B), law)(*X.T), rtol=1e-12
    )


def test_terms_lost_in_rounding_are_left_out():
    assert without_idle_parts(1 + 1e15 * sympy.exp(A), (A, B), X) == 1e15 * sympy.exp(A)
    small = 1e-10 + A  # it is small, but seen
    assert without_idle_parts(small, (A, B), X) == small
    whole = A + B**2 + 1
    assert without_idle_parts(whole, (A, B), X) == whole


def test_factors_that_vary_no_more_than_rounding_are_numbers():
    law = 2.5 * A * B ** sympy.Float(1.6e-14) / (sympy.exp(A) - 1)
    found = without_idle_parts(law, (A, B), X)
    assert not found.has(B) and sympy.lambdify(A, found)(1.5) == pytest.approx(
        3.75 / np.expm1(1.5), rel=1e-13
    )
    assert not without_idle_parts(2.5 * A * sympy.exp(1e-15 * B), (A, B), X).has(B)
    seen = 2.5 * A * B ** sympy.Float(1e-9)
    assert without_idle_parts(seen, (A, B), X) == seen
    alone = 2.5 * sympy.exp(1.3 * A)  # all samples have the same
    assert without_idle_parts(alone, (A, B), X[:1]) == alone
