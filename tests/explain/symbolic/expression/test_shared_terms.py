"""Equal terms are written once; unlike ones are not, whatever the data."""

from __future__ import annotations

import numpy as np
import sympy
import torch

from edgewise.explain import formula
from edgewise.explain.symbolic.expression.combination import Combination, Constants
from edgewise.explain.symbolic.expression.shared_terms import SharedTerms
from edgewise.network import build, set_formulas

X = sympy.Dummy("x", real=True)
VALUES = np.linspace(-1, 1, 50)


def sine(constants: Constants, a: float, values=VALUES) -> Combination:
    return Combination.of(sympy.sin(constants.symbol(a, 1.0) * X), np.sin(a * values))


def test_terms_that_agree_become_the_first():
    constants = Constants()
    shared = SharedTerms(constants, 1e-2)
    first = shared.unified(sine(constants, 2.0))
    assert shared.unified(sine(constants, 2.001)).weights == first.weights
    assert shared.unified(sine(constants, 2.2)).weights != first.weights


def test_terms_that_agree_on_a_lattice_alone_do_not():
    constants, lattice = Constants(), np.arange(10.0)
    shared = SharedTerms(constants, 1e-2)
    first = shared.unified(sine(constants, 0.5, lattice))
    assert shared.unified(sine(constants, 0.5 + 2 * np.pi, lattice)).weights != first.weights


def test_other_forms_are_other_terms():
    binary = np.array([0.0, 1.0] * 5)
    shared = SharedTerms(Constants(), 1e-2)
    shared.unified(Combination.of(X, binary))
    assert X**2 in shared.unified(Combination.of(X**2, binary**2)).weights


def two_exponentials(second_sine: float):
    nodes = {(0, 0, 0): ("sin", (3.14, 0, 1, 0)), (0, 1, 0): ("x^2", (1, 0, 1, 0))}
    nodes |= {(0, 0, 1): ("sin", (second_sine, 0, 2, 0)), (0, 1, 1): ("x^2", (1, 0, 2, 0))}
    edges = {(1, 0, 0): ("exp", (1, 0, 0.51, 0)), (1, 1, 0): ("exp", (0.5, 0, 0.49, 0))}
    return set_formulas(build([2, 2, 1], dtype=torch.float64), nodes | edges)


def test_parts_of_one_exponential_are_added():
    assert str(formula(two_exponentials(3.14)).expr) == "exp(x_2**2 + sin(3.14*x_1))"


def test_parts_that_agree_to_the_tolerance_are_added_only_then():
    found = formula(two_exponentials(3.1412), tolerance=1e-2)
    assert str(found.expr) == "exp(x_2**2 + sin(pi*x_1))"
    plain = formula(two_exponentials(3.1412))
    assert len(plain.expr.args) == 2
    assert plain.error < 1e-12
