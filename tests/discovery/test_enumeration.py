import numpy as np
import pytest
import sympy

from edgewise.discovery.enumeration import enumerated, triples
from edgewise.discovery.problem import Problem

LAWS = {
    "a product in a sum": "sqrt(a**2 + 2*b**2)*c + 1.5",
    "two functions": "exp(-(a - b)**2)*log(1 + c)",
    "a function of a function": "sin(exp(0.5*a))*b",
}


def samples(law, noise=0.0, count=300):
    random = np.random.default_rng(0)
    symbols = sorted(law.free_symbols, key=str)
    x = random.uniform(0.3, 2.5, (count, len(symbols)))
    y = sympy.lambdify(symbols, law)(*x.T)
    y = y + noise * y.std() * random.standard_normal(count)
    return Problem.of(x, y, [str(one) for one in symbols], noise)


def best(problem, level=0.0):
    with np.errstate(all="ignore"):
        return min(enumerated(problem, level, None, lambda: True), key=lambda one: one.missed)


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_laws_without_noise(law):
    found = best(samples(sympy.sympify(law)))
    assert found.missed < 1e-11
    assert found.source == "enumeration"


def test_a_law_in_noise():
    law = sympy.sympify("exp(-(a - b)**2)*log(1 + c)")
    problem = samples(law, 0.02)
    with np.errstate(all="ignore"):
        found = next(enumerated(problem, 0.03 * problem.spread, None, lambda: True))
    clean = samples(law)
    values = sympy.lambdify(problem.symbols, problem.in_units(found.form))(*(clean.x * clean.x_scale).T)
    assert np.std(values - clean.y * clean.y_scale) < 0.01 * clean.spread * clean.y_scale


def test_it_ends_when_the_time_is_up():
    problem = samples(sympy.sympify("tanh(a*b - c)*cos(a + b**2)"))
    assert list(enumerated(problem, 0.0, None, lambda: False)) == []


def test_triples_are_found_where_pairs_tell_nothing():
    random = np.random.default_rng(1)
    base = np.linalg.qr(random.standard_normal((100, 12)))[0]
    target = base[:, 3] + base[:, 6] - base[:, 11]
    assert triples(base, np.zeros(12), target, 2)[0] == (3, 6, 11)


def test_every_change_of_small_targets_is_carried_back():
    problem = samples(sympy.sympify("log(1.5 + a*b/4)"), count=100)
    with np.errstate(all="ignore"):
        found = list(enumerated(problem, 0.0, None, lambda: True))
    assert min(one.missed for one in found) < 1e-11
