from __future__ import annotations

import numpy as np
import pytest
import sympy

from edgewise.discovery.gauge import gauge_fixed

U, V = sympy.symbols("u v")
X = np.random.default_rng(0).uniform(1, 2, (30, 2))


@pytest.mark.parametrize(
    ("law", "numbers"),
    [
        (3.1 * U / (2.2 * U + 4.7 * V), 2),
        (5.0 * (2.0 * U + 7.0 * V) / (6.1e-15 * U * V + 5.0), 3),
        (1.5 * sympy.sqrt(0.3 * U**2 - 0.1 * V), 2),
        (2.5 * (3.5 - 0.5 * U) ** 3, 2),
        (1.1 * U + 2.2 * V, 2),
        (sympy.sin(2.5 * U + 0.5) * 3.5, 3),
        (1.5 * sympy.exp(U * (2.5 - 0.7 * U) + V * (0.3 * V - 1.1)), 5),
        (1.5 * sympy.exp(1e-6 * U**2 + 2.5 * U), 3),
        (1.5 * sympy.exp(0.1 * U**2 + 2.5 * U + 0.3 * U * V), 4),
    ],
)
def test_the_law_stays_and_only_numbers_that_matter_are_left(law, numbers):
    found = gauge_fixed(law)
    assert len(found.atoms(sympy.Float)) <= numbers
    curves = [sympy.lambdify((U, V), one)(*X.T.astype(complex)) for one in (law, found)]
    np.testing.assert_allclose(curves[1], curves[0], rtol=1e-13)


def test_squares_in_an_exponent_are_completed():
    found = gauge_fixed(0.5 * sympy.exp(U * (2.6 - 1.0 * U)) + 0.5)
    assert "(u - 1.3)**2" in str(found)
    far = 1.5 * sympy.exp(1e-6 * U**2 + 2.5 * U)
    assert gauge_fixed(far) == far  # its peak is 1e6 away
