from __future__ import annotations

import numpy as np
import pytest
import sympy

from edgewise.discovery.problem import Problem
from edgewise.discovery.surrogate import surrogate
from edgewise.discovery.symmetry import combined, scaled, tolerance, typical


def parts(law, count=3, low=0.5, high=3.0):
    x = np.random.default_rng(0).uniform(low, high, (900, count))
    p = Problem.of(x, law(*x.T), list("abcd")[:count])
    smooth = surrogate(p)
    return p, smooth.slopes(p.some.x), tolerance(smooth)


@pytest.mark.parametrize(
    ("law", "columns"),
    [
        (lambda a, b, c: np.exp(-a / b) + c, {"a/b", "c"}),
        (lambda a, b, c: a**2 * np.sin(b / a) + a * c, {"b/a", "c/a"}),
        (lambda a, b, c: np.log(1 + a * b) + c, {"a*b", "c"}),
    ],
)
def test_scalings_leave_their_invariants(law, columns):
    p, slopes, allowed = parts(law)
    found = scaled(p, slopes, allowed)
    wanted = {sympy.sympify(text) for text in columns}
    forms = {one.form for one in found.problem and found.coordinates}
    assert forms <= wanted | {1 / form for form in wanted} | {f / g for f in wanted for g in wanted}
    assert len(forms) == len(wanted)


@pytest.mark.parametrize(
    ("law", "combination"),
    [
        (lambda a, b, c: np.exp(-((a - b) ** 2)) * c, lambda a, b: a - b),
        (lambda a, b, c: np.sin(a + 2 * b) + c, lambda a, b: a + 2 * b),
        (lambda a, b, c: c / (1 + np.sqrt(a**2 + b**2)), lambda a, b: a**2 + b**2),
    ],
)
def test_two_columns_become_one(law, combination):
    p, slopes, allowed = parts(law)
    found = next(combined(p, slopes, allowed))
    new = found.coordinates[0].values * found.coordinates[0].unit
    own = combination(*(p.x[:, :2] * p.x_scale[:2]).T)
    np.testing.assert_allclose(np.abs(np.corrcoef(new, own)[0, 1]), 1, atol=1e-9)
    assert len(found.problem.names) == 2


def test_no_symmetry_no_problem():
    p, slopes, allowed = parts(lambda a, b, c: np.exp(a * np.sin(b)) + b * c**2 + a)
    assert scaled(p, slopes, allowed) is None
    assert list(combined(p, slopes, allowed)) == []


def test_typical_counts_finite_sizes():
    assert typical(np.array([1.0, -1.0, np.nan])) == 1.0
