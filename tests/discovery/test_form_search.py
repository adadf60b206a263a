from __future__ import annotations

import numpy as np
import pytest
import sympy

from edgewise.discovery import discover

X = np.random.default_rng(1).uniform(0.5, 3, (200, 3))
A, B, C = X.T


@pytest.mark.parametrize(
    ("form", "y", "law"),
    [
        ("f(a)*c + k", np.exp(-A) * C + 3.25, "c*exp(-a) + 13/4"),
        ("f(a) - f(b)", 1 / A - 1 / B, "1/a - 1/b"),
    ],
)
def test_laws_of_a_form_are_found(form, y, law):
    found = discover(X, y, names="abc", form=form, networks=False, seconds=60)
    assert found.best.verdict == "exact"
    assert sympy.simplify(found.best.expression - sympy.sympify(law)) == 0
    assert form in str(found)
