"""Floats become exact numbers where they hold, and only there."""

import math

import pytest
import sympy
import torch

from edgewise.explain.symbolic.expression.combination import Constant
from edgewise.explain.symbolic.expression.snapping import exact_numbers, snap


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3.0, 3),
        (-7.0, -7),
        (0.5, sympy.Rational(1, 2)),
        (-2 / 3, sympy.Rational(-2, 3)),
        (math.pi, sympy.pi),
        (-3 * math.pi / 4, -3 * sympy.pi / 4),
        (2 / math.pi, 2 / sympy.pi),
        (math.sqrt(2), sympy.sqrt(2)),
        (math.sqrt(0.5), sympy.sqrt(2) / 2),
        (math.e, sympy.E),
        (1 / math.e, sympy.exp(-1)),
        (0.123, sympy.Float(0.123)),
        (2.5e-7, sympy.Float(2.5e-7)),
    ],
)
def test_exact_numbers_are_recognised(value, expected):
    assert exact_numbers(value * (1 + 1e-12), 1e-10)[0] == expected


@pytest.mark.parametrize("value", [0.7390851332, 123456.7391, 1.0000001, math.nan, math.inf, 0.0])
def test_other_numbers_are_not(value):
    assert exact_numbers(value, 1e-9) == []


def test_large_numbers_are_not_all_near_an_integer():
    assert exact_numbers(123456.7391, 1e-4) == []


def test_chance_hits_are_rare():
    generator = torch.Generator().manual_seed(0)
    values = torch.rand(4000, generator=generator, dtype=torch.float64) * 10
    hits = sum(exact_numbers(value, 1e-6) != [] for value in values.tolist())
    assert hits < 40


def test_a_constant_that_must_stay_does_not_keep_others_from_snapping():
    names = sympy.symbols("a b c d", cls=sympy.Dummy)
    constants = {name: Constant(2 + 1e-12, 1.0) for name in names}
    found = snap(constants, 1e-9, lambda exact: names[2] not in exact)
    assert set(found) == {names[0], names[1], names[3]}


def test_negligible_terms_are_dropped():
    name = sympy.Dummy()
    assert snap({name: Constant(0.3, 1e-12)}, 1e-9, lambda exact: True) == {name: 0}


def test_wide_tolerances_take_the_simplest_number():
    assert exact_numbers(3.1398, 0.05)[0] == sympy.pi
    assert exact_numbers(1.0141, 0.05)[0] == 1
    assert exact_numbers(0.4981, 0.01)[0] == sympy.Rational(1, 2)


def test_the_next_simplest_number_is_tried():
    name = sympy.Dummy()
    found = snap({name: Constant(3.1398, 1.0)}, 0.05, lambda exact: exact.get(name) == sympy.Rational(22, 7))
    assert found == {name: sympy.Rational(22, 7)} or found == {}
