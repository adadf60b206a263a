from __future__ import annotations

import numpy as np
import sympy

from edgewise.discovery import Constant, Law
from edgewise.discovery.certainty import exact_ones, lines_on_constants, lines_on_rivals
from edgewise.discovery.numbers import Numbers
from edgewise.discovery.rivals import Rival

A = sympy.Symbol("a")


def law(verdict="within noise"):
    constants = (Constant(1.98, 0.01, sympy.Integer(2)), Constant(0.5, 0.1, sympy.Float(0.5)))
    return Law(2 * A**2 + 0.5 + 3.0 * A, (A,), 0.1, 0.1, 0.9, 0.0, constants, verdict, "")


NUMBERS = Numbers(np.array([0.5, 3.0]), np.array([[0.01, -0.0097], [-0.0097, 0.01]]))


def test_intervals_exact_numbers_and_correlations_are_told():
    lines = lines_on_constants(law(), NUMBERS)
    assert lines == [
        "0.50 +- 0.10 (68%: 0.40 to 0.60, 95%: 0.30 to 0.70)",
        "3.00 +- 0.10 (68%: 2.90 to 3.10, 95%: 2.80 to 3.20)",
        "2: fitted 1.980 +- 0.010, 2.0 standard errors away",
        "0.5 and 3 are correlated: -0.970",
    ]
    assert [one.value for one in exact_ones(law())] == [2]


def test_what_is_not_decided_is_said():
    open_one = Numbers(np.array([0.5, 3.0]), np.array([[np.inf, 0], [0, 0.01]]))
    assert lines_on_constants(law(), open_one)[0] == "0.5: not decided by these samples"


def test_of_exact_laws_there_is_nothing_to_say_and_of_approximations_more():
    assert lines_on_constants(law("exact"), NUMBERS) == []
    assert "as far as" in lines_on_constants(law("approximation"), NUMBERS)[-1]


def test_rivals_and_where_they_differ():
    lines = lines_on_rivals([Rival(law(), 0.5, 12.34, {"a": 1.5}), Rival(law(), 0.5, 0.6, {"a": 1.5})])
    assert lines[1].endswith("12 deviations of the noise apart at a = 1.5")
    assert lines[2].endswith(")")
    assert lines_on_rivals([]) == []
