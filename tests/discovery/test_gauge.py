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
    ],
)
def test_the_law_stays_and_only_numbers_that_matter_are_left(law, numbers):
    found = gauge_fixed(law)
    assert len(found.atoms(sympy.Float)) <= numbers
    curves = [sympy.lambdify((U, V), one)(*X.T.astype(complex)) for one in (law, found)]
    np.testing.assert_allclose(curves[1], curves[0], rtol=1e-13)
