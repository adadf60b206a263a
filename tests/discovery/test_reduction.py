from __future__ import annotations

import numpy as np
import pytest
import sympy

from edgewise.discovery.problem import Problem
from edgewise.discovery.reduction import column, free_name, monomial, peeled, reduced


def problem(law, names="abc", low=0.5, high=3.0, scale=1.0) -> Problem:
    x = np.random.default_rng(0).uniform(low, high, (800, len(names))) * scale
    return Problem.of(x, law(*x.T), list(names))


@pytest.mark.parametrize("scale", [1.0, 1e-12, 1e15])
def test_factors_are_taken_off_with_their_columns(scale):
    found = peeled(problem(lambda a, b, c: a**2 / b * np.log(1 + c / scale + (c / scale) ** 2), scale=scale))
    a, b = sympy.symbols("a b")
    assert found.front == a**2 / b
    assert found.problem.names == ("c",)


def test_a_wave_of_an_angle_is_a_factor():
    found = peeled(problem(lambda a, b: np.cos(a) * (2 + b), "ab", low=0.1, high=6.0))
    assert found.problem.names == ("b",)
    assert float(found.front.subs(sympy.Symbol("a"), 0.0)) == 1.0


@pytest.mark.parametrize(
    "law",
    [lambda a, b, c: a + b * c, lambda a, b, c: np.exp(a * b) + c, lambda a, b, c: a ** (1 + 0.3 * b) * c],
)
def test_what_is_no_factor_stays(law):
    found = peeled(problem(law))
    assert found is None or "a" in found.problem.names


def test_the_way_back_gives_the_same_values():
    p = problem(lambda a, b, c: a**2 * np.sqrt(b + c), scale=7.3)
    found = peeled(p)
    inner = found.problem
    form = found.back(inner.symbols[0] * 3 + inner.symbols[1])
    values = sympy.lambdify(p.symbols, form)(*p.x.T)
    front = sympy.lambdify(p.symbols, found.front)(*p.x.T)
    np.testing.assert_allclose(values, front * (3 * inner.x[:, 0] + inner.x[:, 1]) * inner.y_scale)


def test_errors_count_as_in_the_targets():
    p = problem(lambda a, b, c: a + b)
    front = (p.symbols[2], p.x[:, 2])
    inner = reduced(p, [column(p, 0), column(p, 1)], front).problem
    rest = np.random.default_rng(1).standard_normal(len(p.y))
    before = np.sqrt(np.mean(rest**2)) / p.spread
    scaled = rest / front[1] / inner.y_scale
    after = np.sqrt(np.mean(inner.weights * scaled**2)) / inner.spread
    np.testing.assert_allclose(after, before)


def test_a_name_is_free():
    assert free_name("a", 0, problem(lambda a, b, c: a + b)) == "a_1"


def test_monomials_of_negative_columns_have_sizes_under_roots():
    p = problem(lambda a, b, c: a + b, low=-1, high=1)
    form, values = monomial(p, [0.5, 1, 0])
    assert form == sympy.sqrt(sympy.Abs(p.symbols[0])) * p.symbols[1]
    assert np.isfinite(values).all()
