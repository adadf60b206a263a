from __future__ import annotations

import pytest
import sympy

from edgewise.errors import InputError
from edgewise.explain.symbolic.compiler.plan import Plan
from edgewise.explain.symbolic.compiler.reading import Reader

X, Y = sympy.symbols("x y")


def read(expression):
    plan = Plan(2)
    return plan, Reader(plan, [X, Y], {}).total(expression)


def test_scales_and_shifts_go_into_the_edge():
    plan, total = read(3 * sympy.sin(2 * X + 1) + 5)
    (term,) = total.terms
    assert (term.source, term.function.name, term.a, term.b, term.c, total.constant) == (0, "sin", 2, 1, 3, 5)
    assert len(plan.factors) == 2


def test_equal_parts_are_computed_once():
    plan, _ = read(sympy.sin(X * Y) + sympy.exp(X * Y) + sympy.sqrt(X * Y + 1))
    assert sum(len(factors) > 1 for factors in plan.factors) == 1


def test_constant_factors_do_not_become_factors_of_a_product():
    plan, total = read(2 * sympy.pi * X * sympy.sqrt(2) / Y)
    assert [len(factors) for factors in plan.factors] == [0, 0, 2]
    assert total.terms[0].c == pytest.approx(2 * 3.141592653589793 * 2**0.5)


@pytest.mark.parametrize(
    ("expression", "names"),
    [(X**6, ["x^6"]), (X**-5, ["1/x^5"]), (sympy.sqrt(X), ["sqrt"]), (X**2.0, ["x^2"]), (X**0.3, ["x^0.3"])],
)
def test_powers_are_those_of_the_library(expression, names):
    assert [term.function.name for term in read(expression)[1].terms] == names


@pytest.mark.parametrize(
    "expression",
    [
        sympy.I * X,
        sympy.oo * X,
        sympy.Function("f")(X),
        sympy.gamma(X),
        sympy.Piecewise((X, X > 0), (0, True)),
    ],
)
def test_what_cannot_be_written_is_refused(expression):
    with pytest.raises(InputError, match="compile: expression must"):
        read(expression)


def test_a_power_of_a_negative_number_is_refused():
    with pytest.raises(InputError, match="must be positive"):
        read(sympy.Integer(-2) ** X)
