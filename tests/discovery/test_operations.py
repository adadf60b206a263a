from __future__ import annotations

import numpy as np
import pytest

from edgewise.discovery.operations import FUNCTIONS, RULES, Op, times

_STEP = 1e-6
_POINTS = {Op.ACOSH: np.linspace(1.1, 3, 9)}
_TWO = (Op.ADD, Op.MUL, Op.DIV, Op.POW, Op.MAX, Op.MIN)


@pytest.mark.parametrize("op", list(Op), ids=lambda op: op.name)
def test_slopes_are_those_of_finite_differences(op):
    a = _POINTS.get(op, np.linspace(0.05, 0.95, 9))
    arguments = [a, a[::-1] + 0.3] if op in _TWO else [a]
    value, slopes = RULES[op]
    found = slopes(*arguments, value(*arguments))
    assert len(found) == len(arguments)
    for place, slope in enumerate(found):
        up, down = ([*arguments] for _ in range(2))
        up[place], down[place] = a_up, a_down = arguments[place] + _STEP, arguments[place] - _STEP
        expected = (value(*up) - value(*down)) / (a_up - a_down)
        np.testing.assert_allclose(slope, expected, rtol=1e-7, atol=1e-9)


def test_every_function_of_one_argument_is_that_of_sympy():
    for function, op in FUNCTIONS.items():
        points = _POINTS.get(op, np.array([0.1, 0.4, 0.9]))
        expected = [float(function(point)) for point in points]
        np.testing.assert_allclose(RULES[op].value(points), expected, rtol=1e-14)


def test_a_power_of_zero_has_slopes():
    zero, two = np.zeros(1), np.full(1, 2.0)
    with np.errstate(all="ignore"):
        assert [slope.tolist() for slope in RULES[Op.POW].slopes(zero, two, zero)] == [[0.0], [0.0]]


def test_what_does_not_change_has_no_slope_however_steep():
    assert times(np.array([0.0, np.inf]), np.array([np.inf, 0.0])).tolist() == [0.0, 0.0]
    assert np.isnan(times(np.array([np.nan]), np.array([1.0]))).all()
