"""Names in LaTeX."""

import pytest
import sympy

from edgewise.explain.symbolic.expression.printing import latex


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("area", "area"),
        ("x_1", "x_{1}"),
        ("city=Zug", r"\left[\text{city = Zug}\right]"),
        ("sold on", r"\left[\text{sold on}\right]"),
        ("share_%=5 & more", r"\left[\text{share\_\% = 5 \& more}\right]"),
        ("log(price)", r"\left[\text{log(price)}\right]"),
        ("a\\b", r"\left[\text{a\textbackslash{}b}\right]"),
    ],
)
def test_names_are_one_thing_in_latex(name, shown):
    assert latex(sympy.Symbol(name)) == shown
