from __future__ import annotations

import numpy as np
import pytest
import sympy

from edgewise.discovery.straight import straightened
from edgewise.discovery.written import written

A, B = sympy.symbols("a b")
X = np.random.default_rng(0).uniform(1, 3, (300, 2))


@pytest.mark.parametrize(
    ("law", "line"),
    [
        (500.0 * A * sympy.sin(0.002 * B), A * B),
        (1000.0 * (sympy.exp(0.001 * A * B) - 1), A * B),
        (250.0 * A * sympy.log(1 + 0.004 * B), A * B),
        (2.0 * sympy.tanh(0.01 * A) / sympy.atan(0.02 * B), A / B),
    ],
)
def test_functions_of_small_arguments_become_lines(law, line):
    found = straightened(law, (A, B), X)
    curves = [sympy.lambdify((A, B), one)(*X.T) for one in (found, line)]
    np.testing.assert_allclose(*curves, rtol=1e-12)


@pytest.mark.parametrize("law", [sympy.sin(0.5 * B), sympy.sin(A), 3.0 * sympy.exp(0.001 * A), A + 1.5 * B])
def test_others_are_left(law):
    assert straightened(law, (A, B), X) is None


def test_data_decide_whether_a_line_will_do():
    form, bent = 10.0 * A * sympy.sin(0.1 * B), 10 * X[:, 0] * np.sin(0.1 * X[:, 1])
    noise = 0.05 * np.random.default_rng(1).standard_normal(300)
    assert written(form, (A, B), X, X[:, 0] * X[:, 1] + noise).law == A * B
    assert written(form, (A, B), X, bent).law.has(sympy.sin)
