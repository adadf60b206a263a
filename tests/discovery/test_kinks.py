from dataclasses import replace

import numpy as np
import pytest
import sympy

from edgewise import discover
from edgewise.discovery.kinks import kinks
from edgewise.discovery.problem import Problem

A, B = sympy.symbols("a b")


def samples(function, noise=0.0):
    random = np.random.default_rng(0)
    x = random.uniform(-2, 2, (300, 2))
    y = function(*x.T)
    return x, y + noise * y.std() * random.standard_normal(300)


@pytest.mark.parametrize(
    ("function", "law"),
    [
        (lambda a, b: np.abs(a), sympy.Abs(A)),
        (lambda a, b: 3 * np.abs(a - 0.5) + b, 3 * sympy.Abs(A - sympy.Rational(1, 2)) + B),
        (lambda a, b: np.abs(a) * b, sympy.Abs(A) * B),
        (lambda a, b: np.maximum(a, b), (A + B + sympy.Abs(A - B)) / 2),
    ],
    ids=["abs", "shifted", "times", "max"],
)
def test_laws_with_a_kink(function, law):
    found = discover(*samples(function), names=["a", "b"], networks=False)
    assert found.best.verdict == "exact"
    assert max(abs((found.best.expression - law).subs({A: a, B: 1.3})) for a in (-3, 0.25, 0.75, 5)) < 1e-9


def problem(function, noise=0.0):
    return Problem.of(*samples(function, noise), ["a", "b"], noise)


@pytest.mark.parametrize("function", [lambda a, b: a + b, lambda a, b: np.tanh(3 * a), lambda a, b: a * b])
def test_nothing_is_proposed_for_others(function):
    assert list(kinks(problem(function))) == []


def test_in_noise():
    (found,) = kinks(problem(lambda a, b: 3 * np.abs(a - 0.5) + b, 0.02))
    assert found.form.has(sympy.Abs)


def test_only_where_it_is_allowed():
    assert list(kinks(replace(problem(lambda a, b: np.abs(a)), functions=frozenset({"sin"})))) == []


def test_columns_of_two_values_have_no_kinks():
    x = np.random.default_rng(0).integers(0, 2, (300, 2)).astype(float)
    assert list(kinks(Problem.of(x, x[:, 0] * x[:, 1], "ab"))) == []
    assert str(discover(x, x[:, 0] * x[:, 1], names=["a", "b"]).best.expression) == "a*b"
