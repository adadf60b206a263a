from __future__ import annotations

import numpy as np
import pytest
import sympy

from edgewise.discovery.allowed_functions import functions_of
from edgewise.discovery.outer_functions import TOTAL, outer_functions
from edgewise.discovery.problem import Problem

LAWS = {
    "logistic": lambda s: 1 / (1 + np.exp(4 * s - 1)),
    "softplus": lambda s: np.log(1 + np.exp(3 * s)),
    "root of an exponential": lambda s: np.sqrt(1 + 2 * np.exp(s)),
    "inverse root": lambda s: 1 / np.sqrt(1 + np.exp(2 * s)),
    "hyperbolic tangent": lambda s: np.tanh(2 * s + 0.3),
    "exponential of an inverse": lambda s: np.exp(-1 / (s + 2.4)),
    "arctangent": lambda s: 3 * np.arctan(2 * s),
    "wave": lambda s: np.cos(s + 1.5),
    "cube": lambda s: (s + 1) ** 3 + 2,
    "Bose's": lambda s: 1 / np.expm1(s + 3),
    "bell": lambda s: np.exp(-((s - 1) ** 2)),
    "line": lambda s: 2 * s + 1,
}


def samples(law) -> tuple[np.ndarray, Problem]:
    total = np.random.default_rng(0).uniform(-1, 1, (500, 2)).sum(1)
    return total, Problem.of(total[:, None], law(total), ["s"])


@pytest.mark.parametrize("name", LAWS)
def test_the_first_formula_is_right(name):
    total, p = samples(LAWS[name])
    first = outer_functions(total, p, 1e-9)[0]
    values = sympy.lambdify(TOTAL, first)(total)
    assert np.abs(values - p.y).max() < 1e-10 * p.spread


def test_lines_have_no_more_than_two_constants():
    total, p = samples(LAWS["line"])
    assert len(outer_functions(total, p, 1e-9)[0].atoms(sympy.Float)) == 2


def test_only_functions_that_are_allowed():
    total, p = samples(LAWS["logistic"])
    p = Problem(**{**vars(p), "functions": frozenset({"tanh"})})
    assert all(functions_of(one) <= {"tanh"} for one in outer_functions(total, p, 1e-9))
