from __future__ import annotations

import pytest
import sympy

from edgewise.errors import ShapeError
from edgewise.functions import LIBRARY
from edgewise.plots.labels import text_size
from edgewise.plots.names import as_math, checked_names, function_as_math


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x_1", "$x_{1}$"),
        ("x12", "$x_{12}$"),
        ("y", "$y$"),
        ("E_kin", r"$E_{\mathrm{kin}}$"),
        ("theta_1", r"$\theta_{1}$"),
        ("Omega", r"$\Omega$"),
        ("body_mass", "body_mass"),
        ("age", "age"),
        ("s1", "$s_{1}$"),
        (r"\alpha^2", r"$\alpha^2$"),
        ("$a$ in m", "$a$ in m"),
        (3, "3"),
        ("", ""),
    ],
)
def test_names_are_set_as_symbols_or_words(name, text):
    assert as_math(name) == text


def test_sympy_objects_are_set_by_their_latex():
    x = sympy.Symbol("x_1")
    assert as_math(x) == "$x_{1}$"
    assert as_math(sympy.sqrt(x)) == r"$\sqrt{x_{1}}$"


@pytest.mark.parametrize("name", [r"\nosuchcommand{", "cost $", r"$\frac{1}{$"])
def test_what_cannot_be_set_stays_plain(name):
    text_size(as_math(name))


@pytest.mark.parametrize("name", [*LIBRARY, "my_function", "price in $"])
def test_every_function_name_can_be_set(name):
    width, height = text_size(function_as_math(name))
    assert width > 0 and height > 0


def test_names_of_pruned_inputs_may_be_given_for_all_columns():
    assert checked_names(["a", "b", "c"], ["x_2"], "in_names", [1], 3) == ["b"]
    assert checked_names(["b"], ["x_2"], "in_names", [1], 3) == ["b"]


def test_a_wrong_number_of_names_is_refused():
    with pytest.raises(ShapeError, match="in_names must have 2 names; got 3"):
        checked_names(["a", "b", "c"], ["x_1", "x_2"], "in_names", [0, 1], 2)
