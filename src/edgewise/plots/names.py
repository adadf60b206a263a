"""Names as they are set in a picture: symbols in mathematics, words as words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from .._optional import optional
from ..errors import ShapeError

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


def as_math(name: Any) -> str:
    """Set a name: `x_1` as a symbol with an index, sympy objects by their LaTeX, words as they are.

    Args:
        name: A string, or an object with `_repr_latex_`, as sympy's have.

    Returns:
        Text for matplotlib.

    Example:
        >>> as_math("x_1"), as_math("theta_0"), as_math("body mass"), as_math(r"\\dot q")
        ('$x_{1}$', '$\\\\theta_{0}$', 'body mass', '$\\\\dot q$')
    """
    latex = getattr(name, "_repr_latex_", None)
    if callable(latex):
        text = str(latex()).strip("$").replace(r"\displaystyle", "").strip()
        return _parsed(f"${text}$", str(name))
    text = str(name)
    if "$" in text:
        return _parsed(text, text)
    if text.startswith("\\"):
        return _parsed(f"${text}$", text)
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
        argument: Name of the argument, for messages.
        columns: Which columns the nodes are.
        total: Out of how many.

    Raises:
        ShapeError: another number of names.

    Example:
        >>> checked_names(["a", "b", "c"], ["x_1", "x_3"], "in_names", [0, 2], 3)
        ['a', 'c']
    """
    if given is None:
        return list(fallback)
    names = [given] if isinstance(given, str) else list(given)
    if len(names) == total:
        names = [names[column] for column in columns]
    if len(names) != len(fallback):
        raise ShapeError(
            f"plot: {argument} must have {len(fallback)} names; got {len(names)}. Name each, in order."
        )
    return names


def _parsed(text: str, plain: str) -> str:
    """`text` if matplotlib can set it, otherwise the plain name."""
    parser = optional("matplotlib.mathtext", "plot", "plot").MathTextParser("path")
    try:
        parser.parse(text)
    except ValueError:
        return plain.replace("$", r"\$")
    return text
