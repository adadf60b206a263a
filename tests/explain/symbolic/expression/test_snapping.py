"""Floats become exact numbers where they hold, and only there."""

import math
import random

import pytest
import sympy

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


RANDOM = {
    "uniform": lambda draw: draw.uniform(0, 10),
    "narrow": lambda draw: draw.uniform(0, 1),
    "normal": lambda draw: draw.gauss(0, 1),
    "log-uniform": lambda draw: 10 ** draw.uniform(-3, 3),
}


@pytest.mark.parametrize("numbers", RANDOM.values(), ids=RANDOM)
@pytest.mark.parametrize("power", range(1, 13))
def test_random_numbers_are_seldom_taken_for_exact(numbers, power):
    draw = random.Random(power)
    hits = sum(exact_numbers(numbers(draw), 10.0**-power) != [] for _ in range(300))
    stated = 1 / 15 if power < 3 else 1 / 50 if power < 5 else 1 / 200
    assert hits <= 300 * stated + 3 * math.sqrt(300 * stated)  # three deviations of a count of rare events


@pytest.mark.parametrize(
    "number", [sympy.sqrt(74) / 4, sympy.Rational(5807, 11), sympy.sqrt(sympy.Rational(7, 11))]
)
def test_involved_numbers_need_many_digits(number):
    value = float(number)
    assert exact_numbers(value, 1e-2) == exact_numbers(value, 1e-4) == []
    assert exact_numbers(value, 1e-13)[0] == number


@pytest.mark.parametrize(
    ("tolerance", "found"),
    [
        (5e-2, [1]),
        (1e-2, [1, 2, 3, sympy.Rational(1, 2), sympy.Rational(1, 3), sympy.pi]),
        (3e-3, [4, 7, sympy.Rational(3, 2), sympy.Rational(2, 3), 1 / sympy.pi, 2 * sympy.pi, sympy.pi / 2]),
        (
            3e-4,
            [
                10,
                100,
                sympy.Rational(1, 10),
                sympy.Rational(3, 10),
                sympy.sqrt(2),
                sympy.E,
                sympy.Rational(3, 4),
            ],
        ),
        (1e-6, [1000, 25, sympy.Float(9.81), sympy.Float(0.05), 3 * sympy.pi / 4, sympy.sqrt(3) / 2]),
        (1e-10, [12345, 1234, sympy.Float(1.2345), sympy.Rational(1, 120), sympy.sqrt(74) / 4]),
    ],
)
@pytest.mark.parametrize("error", [-0.7, 0.0, 0.7])
def test_simple_numbers_are_found_with_errors_below_the_tolerance(tolerance, found, error):
    for number in found:
        value = float(number) * (1 + error * tolerance)
        assert exact_numbers(value, tolerance)[0] == number
        assert exact_numbers(-value, tolerance)[0] == -number


def test_the_tolerance_bounds_the_distance():
    for tolerance in (1e-2, 1e-3, 1e-6):
        for number in exact_numbers(2.0 * (1 + 0.99 * tolerance), tolerance):
            assert abs(float(number) / 2 / (1 + 0.99 * tolerance) - 1) <= 1.001 * tolerance
        assert exact_numbers(2.0 * (1 + 1.01 * tolerance), tolerance) == []


def test_a_constant_that_must_stay_does_not_keep_others_from_snapping():
    names = sympy.symbols("a b c d", cls=sympy.Dummy)
    constants = {name: Constant(2 + 1e-12, 1.0) for name in names}
    found = snap(constants, 1e-9, lambda exact: float(names[2] in exact), 0.5)
    assert set(found) == {names[0], names[1], names[3]}


def test_negligible_terms_are_dropped():
    name = sympy.Dummy()
    assert snap({name: Constant(0.3, 1e-12)}, 1e-9, lambda exact: 0.0, 0.5) == {name: 0}


@pytest.mark.parametrize("tolerance", [0.1, 0.5, 1.0])
def test_a_term_is_not_dropped_by_a_tolerance_that_says_nothing(tolerance):
    name = sympy.Dummy()
    assert snap({name: Constant(0.3, 0.05)}, tolerance, lambda exact: 0.0, 0.5) == {}
    assert snap({name: Constant(0.3, 0.05)}, 0.06, lambda exact: 0.0, 0.5) == {name: 0}


def test_the_simplest_number_comes_first():
    assert exact_numbers(3.1398, 1e-3)[0] == sympy.pi
    assert exact_numbers(1.0141, 0.05)[0] == 1
    assert exact_numbers(0.4981, 0.01)[0] == sympy.Rational(1, 2)


def test_the_next_simplest_number_is_tried():
    name = sympy.Dummy()
    assert snap({name: Constant(2.0, 1e-12)}, 1e-9, lambda exact: float(exact.get(name) == 0), 0.5) == {
        name: 2
    }


def test_replacements_that_make_up_for_each_other_are_kept_together():
    names = sympy.symbols("a b c", cls=sympy.Dummy)
    constants = dict(
        zip(names, [Constant(1.004, 1.0), Constant(0.996, 1.0), Constant(2.002, 1.0)], strict=True)
    )

    def distance(exact):
        a, b, c = (float(exact.get(name, constants[name].value)) for name in names)
        return abs(a + b - 2) + 2 * abs(c - 2.002)

    assert snap(constants, 1e-2, distance, 1e-3) == {names[0]: 1, names[1]: 1}


def test_many_constants_take_few_evaluations():
    names = sympy.symbols("k:100", cls=sympy.Dummy)
    constants = {name: Constant(2 + 1e-12, 1.0) for name in names}
    calls = []

    def distance(exact):
        calls.append(1)
        return float(sum(name in exact for name in names[::3]))

    found = snap(constants, 1e-9, distance, 0.5)
    assert set(found) == set(names) - set(names[::3])
    assert len(calls) < 2500
