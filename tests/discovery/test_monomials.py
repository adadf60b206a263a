from __future__ import annotations

import numpy as np
import sympy

from edgewise.discovery.monomials import monomial_form, monomial_values, monomials, polynomial_exponents


def test_simple_monomials_come_first_and_each_once():
    found = monomials(3, (1, -1, 2), 2, 3)
    assert found[0] in {(1, 0, 0), (0, 1, 0), (0, 0, 1)}
    assert len(found) == len(set(found))
    assert all(sum(p != 0 for p in one) <= 2 and sum(map(abs, one)) <= 3 for one in found)


def test_values_are_those_of_the_forms():
    x = np.random.default_rng(0).uniform(0.5, 2, (20, 3))
    exponents = monomials(3, (1, -2, 0.5), 3, 4)
    symbols = sympy.symbols("a b c")
    values = monomial_values(x, exponents)
    for place in range(0, len(exponents), 5):
        form = sympy.lambdify(symbols, monomial_form(symbols, exponents[place]))
        np.testing.assert_allclose(values[:, place], form(*x.T), rtol=1e-14)


def test_polynomials_hold_all_terms_up_to_their_degree():
    assert len(polynomial_exponents(4, 3)) == 35
    assert polynomial_exponents(2, 2)[0] == (0.0, 0.0)
