"""The texts of a picture: names set as mathematics, and labels that do not overlap.

How large a text is, and whether it can be set, is asked of a `Measure`: matplotlib's where the picture is drawn by
it, an estimate by the number of characters elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ..errors import ShapeError

Measure = Callable[[str], tuple[float, float]]
"""From a text to its width and height in inches for each point of its font size; ValueError where it cannot be set."""

LARGEST = 11.0
_SMALLEST_LEVEL = 7.0
_SMALLEST = 4.0
_POINTS_TO_AN_INCH = 72.0
_CHARACTER, _LINE = 0.0072, 0.0095  # of a serif, in inches for each point
_GREEK = (
    "alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau|upsilon|phi|chi|"
    "psi|omega|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Upsilon|Phi|Psi|Omega"
)
_SYMBOL = re.compile(rf"([A-Za-z]|{_GREEK})(?:_([^\W_][\w,]*)|(\d+))?('*)")
_WORDS = ("sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "exp", "log")
_FUNCTIONS = {
    "sqrt": r"$\sqrt{x}$",
    "1/sqrt(x)": r"$1/\sqrt{x}$",
    "cbrt": r"$\sqrt[3]{x}$",
    "abs": "$|x|$",
    "sgn": "sign",
    "gaussian": r"$e^{-x^2}$",
}


def as_math(name: Any, measure: Measure) -> str:
    """Set a name: `x_1` as a symbol with an index, sympy objects by their LaTeX, words as they are.

    Args:
        name: A string, or an object with `_repr_latex_`, as sympy's have.
        measure: Says whether a text can be set; one that cannot is shown as it is.

    Returns:
        Text with mathematics between dollar signs.

    Example:
        >>> [as_math(name, estimated_size) for name in ("x_1", "theta_0", "body mass", r"\\dot q")]
        ['$x_{1}$', '$\\\\theta_{0}$', 'body mass', '$\\\\dot q$']
    """
    latex = getattr(name, "_repr_latex_", None)
    if callable(latex):
        text = str(latex()).strip("$").replace(r"\displaystyle", "").strip()
        return _settable(f"${text}$", str(name), measure)
    text = str(name)
    if "$" in text:
        return _settable(text, text, measure)
    if text.startswith("\\"):
        return _settable(f"${text}$", text, measure)
    symbol = _SYMBOL.fullmatch(text)
    if symbol:
        letter = symbol[1] if len(symbol[1]) == 1 else "\\" + symbol[1]
        return f"${letter}{_index(symbol[2] or symbol[3])}{symbol[4]}$"
    return text


def _index(text: str | None) -> str:
    if not text:
        return ""
    upright = len(text) > 1 and not text.isdigit()
    return "_{" + (r"\mathrm{" + text.replace("_", r"\_") + "}" if upright else text) + "}"


def function_as_math(name: str) -> str:
    """Set the name of a formula edge's function.

    Example:
        >>> function_as_math("x^2"), function_as_math("sin"), function_as_math("1/x^1.5")
        ('$x^{2}$', '$\\\\sin$', '$1/x^{1.5}$')
    """
    if name in _FUNCTIONS:
        return _FUNCTIONS[name]
    if name in _WORDS:
        return f"$\\{name}$"
    power = re.fullmatch(r"(1/)?x(?:\^([\d.]+))?", name)
    if power:
        return f"${power[1] or ''}x" + (f"^{{{power[2]}}}" if power[2] else "") + "$"
    return name.replace("$", r"\$")


def checked_names(
    given: Sequence[Any] | None, fallback: Sequence[str], argument: str, columns: Sequence[int], total: int
) -> list[Any]:
    """Names of the inputs or outputs that a network has.

    Args:
        given: One name a column or, where inputs were pruned, one for each that is left; None for `fallback`.
        fallback: Names to use otherwise, one a node.
        argument: Names of the function and the argument, for messages.
        columns: Which columns the nodes are.
        total: Out of how many.

    Raises:
        ShapeError: another number of names.

    Example:
        >>> checked_names(["a", "b", "c"], ["x_1", "x_3"], "plot: names", [0, 2], 3)
        ['a', 'c']
    """
    if given is None:
        return list(fallback)
    names = [given] if isinstance(given, str) else list(given)
    if len(names) == total:
        names = [names[column] for column in columns]
    if len(names) != len(fallback):
        raise ShapeError(
            f"{argument} must have {len(fallback)} names; got {len(names)}. Name each, in order."
        )
    return names


def _settable(text: str, plain: str, measure: Measure) -> str:
    """`text` if it can be set, otherwise the plain name."""
    try:
        measure(text)
    except ValueError:
        return plain.replace("$", r"\$")
    return text


def estimated_size(text: str) -> tuple[float, float]:
    """A `Measure` that needs no fonts: by the number of characters shown.

    Example:
        >>> width, height = estimated_size("$x_{1}$")
        >>> 0 < height < width < 0.05
        True
    """
    shown = re.sub(r"\\([A-Za-z]+)", lambda word: word[1] if word[1] in _WORDS else "m", text)
    shown = re.sub(r"[${}_^\\]", "", shown)
    return _CHARACTER * len(shown.strip()), _LINE if shown.strip() else 0.0


@dataclass(frozen=True)
class LabelStyle:
    """How the labels of one level are set.

    Attributes:
        size: Font size in points.
        upright: Whether they are turned by 90 degrees.
        height: Room they take above or below the nodes, in inches.
        overhang: How far the widest reaches to either side of its node, in inches.
    """

    size: float
    upright: bool
    height: float
    overhang: float


def fit_labels(texts: Sequence[str], pitch: float, measure: Measure, largest: float = LARGEST) -> LabelStyle:
    """Find the largest font at which neighbours keep apart; turn the labels if it would be too small.

    Args:
        texts: Labels from left to right.
        pitch: Distance between neighbouring nodes, in inches.
        measure: Size of a text.
        largest: Largest font size, in points.

    Returns:
        How to set them.

    Example:
        >>> fit_labels(["a", "b"], 1.0, estimated_size).upright
        False
        >>> fit_labels(["a long name"] * 9, 0.3, estimated_size).upright
        True
    """
    sizes = [measure(text) for text in texts]
    widest, highest = (max((size[axis] for size in sizes), default=0.0) for axis in (0, 1))
    neighbours = max((0.5 * (a[0] + b[0]) for a, b in pairwise(sizes)), default=0.0)
    level = largest if neighbours == 0 else min(largest, 0.86 * pitch / neighbours)
    if level >= _SMALLEST_LEVEL or len(texts) < 2:
        return LabelStyle(level, False, level * highest, 0.5 * level * widest)
    size = max(_SMALLEST, min(largest - 2, 0.8 * pitch * _POINTS_TO_AN_INCH))
    return LabelStyle(size, True, size * widest, 0.5 * size * highest)
