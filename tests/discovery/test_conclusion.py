from __future__ import annotations

import numpy as np
import sympy

from edgewise.discovery import Law
from edgewise.discovery.conclusion import concluded
from edgewise.discovery.split import Split

A = sympy.Symbol("a")
X = np.linspace(1, 2, 20)[:, None]
SAMPLES = Split(X, X[:, 0] ** 2, X, X[:, 0] ** 2)


def law(expression, rmse, bits, r2=0.9, verdict="approximation"):
    return Law(expression, (A,), rmse, rmse, r2, bits, (), verdict, "products")


LAWS = [
    law(A**2 + A, 0.1, 20.0, verdict="within noise"),
    law(A, 0.5, 90.0),
    law(sympy.sin(A) + A**3 + 1, 0.3, 70.0),
    law(2 * A, 0.6, 99.0),
]


def test_the_front_is_what_no_simpler_law_reaches():
    found = concluded(LAWS, SAMPLES, noise=0.1, stopped="all searched")
    assert [one.expression for one in found.laws] == [A, A**2 + A]
    assert {one.expression for one in found.others} == {2 * A, sympy.sin(A) + A**3 + 1}
    assert found.best is found.laws[1]
    assert found.why.startswith("Within the noise")


def test_no_law_is_an_answer():
    found = concluded([law(A, 1.0, 5.0, r2=0.1)], SAMPLES, stopped="time")
    assert found.best is None and "No formula earns its place" in found.why
    assert "No formula" in concluded([], SAMPLES, stopped="time").why


def test_constant_targets_are_said():
    flat = Split(X, np.ones(20), X, np.ones(20))
    assert "constant" in concluded([], flat, stopped="all searched").why
