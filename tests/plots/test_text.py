from __future__ import annotations

import pytest
import sympy

from edgewise.errors import ShapeError
from edgewise.functions import LIBRARY
from edgewise.plots.figure import text_size
from edgewise.plots.text import (
    LARGEST,
    as_math,
    checked_names,
    estimated_size,
    fit_labels,
    function_as_math,
)


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
    assert as_math(name, text_size) == text


def test_sympy_objects_are_set_by_their_latex():
    x = sympy.Symbol("x_1")
    assert as_math(x, text_size) == "$x_{1}$"
    assert as_math(sympy.sqrt(x), text_size) == r"$\sqrt{x_{1}}$"


@pytest.mark.parametrize("name", [r"\nosuchcommand{", "cost $", r"$\frac{1}{$"])
def test_what_cannot_be_set_stays_plain(name):
    text_size(as_math(name, text_size))


@pytest.mark.parametrize("name", [*LIBRARY, "my_function", "price in $"])
def test_every_function_name_can_be_set(name):
    width, height = text_size(function_as_math(name))
    assert width > 0 and height > 0


def test_names_of_pruned_inputs_may_be_given_for_all_columns():
    assert checked_names(["a", "b", "c"], ["x_2"], "plot: names", [1], 3) == ["b"]
    assert checked_names(["b"], ["x_2"], "plot: names", [1], 3) == ["b"]


def test_a_wrong_number_of_names_is_refused():
    with pytest.raises(ShapeError, match="plot: names must have 2 names; got 3"):
        checked_names(["a", "b", "c"], ["x_1", "x_2"], "plot: names", [0, 1], 2)


@pytest.mark.parametrize("pitch", [0.1, 0.2, 0.3, 1.0, 5.0])
@pytest.mark.parametrize("texts", [[f"name {n}" for n in range(20)], [f"$x_{{{n}}}$" for n in range(120)]])
def test_labels_keep_apart(texts, pitch):
    style = fit_labels(texts, pitch, text_size)
    assert style.size * text_size(texts[-1])[1 if style.upright else 0] < pitch
    assert style.size <= LARGEST


def test_one_label_stays_level_however_long():
    assert not fit_labels(["a very long name for the only output there is"], 0.2, text_size).upright


def test_no_label_takes_no_room():
    assert fit_labels(["", " "], 0.2, text_size).height == 0


@pytest.mark.parametrize("text", ["x", "$x_{12}$", r"$\theta$", "body mass index", "$\\sin$"])
def test_sizes_are_estimated_within_a_factor_of_two_without_a_font(text):
    for estimated, measured in zip(estimated_size(text), text_size(text), strict=True):
        assert measured / 2 < estimated < 2.1 * measured


def test_nothing_takes_no_room():
    assert estimated_size(" ") == (0.0, 0.0) == text_size(" ")
