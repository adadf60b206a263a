from __future__ import annotations

import numpy as np
import pytest
import sympy

from edgewise import discover
from edgewise.discovery.partial_fractions import in_partial_fractions

U, V = sympy.symbols("u v")
X = np.random.default_rng(0).uniform(1, 2, (30, 2))


@pytest.mark.parametrize(
    "law",
    [
        (2.3 * U * V**2 + 3.1 * V - 1.24) / (V**2 * (V - 0.4)),
        85.2 * (V - 0.0228 * U * V**2 - 0.0427) / (V**2 * (1 - 23.4 * V)),
        sympy.exp(U) / (V * (V + 1.3)),
        (1.5 + 2.5 * V**4) / ((V + 0.7) ** 2 * (V**2 + 1.1)),
    ],
)
def test_the_sum_equals_the_quotient(law):
    found = in_partial_fractions(law)
    assert found.is_Add
    curves = [sympy.lambdify((U, V), one)(*X.T) for one in (law, found)]
    np.testing.assert_allclose(curves[1], curves[0], rtol=1e-9)


@pytest.mark.parametrize(
    "law", [U / (V + 0.5), (U + V) / (U * V), U + V, 1.5 / (V * (U + 0.3)), 1 / (V * sympy.sin(V))]
)
def test_others_are_left(law):
    assert in_partial_fractions(law) is None


def test_a_law_of_two_poles_is_written_as_a_sum():
    t, v = np.random.default_rng(0).uniform((250, 0.1), (500, 1), (400, 2)).T
    found = discover(
        np.stack([t, v], 1), 0.07 * t / (v - 0.031) - 2.9 / v**2, names=["t", "v"], networks=False
    )
    assert found.best.verdict == "exact"
    assert found.best.expression.is_Add and len(found.best.expression.args) == 2
