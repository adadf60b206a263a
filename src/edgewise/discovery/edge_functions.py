"""What an edge of a network may be in a formula, and how it is written."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy
import torch

from ..functions import LIBRARY, Function

_NEAR = 0.3

Affine = tuple[float, float, float, float]

_POWERS = {
    "x^2": 2, "x^3": 3, "x^4": 4, "1/x": -1, "1/x^2": -2, "sqrt": sympy.Rational(1, 2), "1/sqrt(x)": -sympy.Rational(1, 2),
}  # fmt: skip
_OTHERS: dict[str, Callable[[Any], Any]] = {
    "sin": sympy.sin,
    "tanh": sympy.tanh,
    "arctan": sympy.atan,
    "cosh": sympy.cosh,
    "sinh": sympy.sinh,
    "gaussian": lambda v: sympy.exp(-(v**2)),
    "1/(1+x^2)": lambda v: 1 / (1 + v**2),
    "softplus": lambda v: sympy.log(1 + sympy.exp(v)),
    "sqrt(1+x^2)": lambda v: sympy.sqrt(1 + v**2),
}
_OWN = (
    Function("softplus", torch.nn.functional.softplus, torch.nn.functional.softplus, complexity=4),
    Function("sqrt(1+x^2)", lambda x: torch.hypot(x, torch.ones_like(x)), lambda x: torch.hypot(x, torch.ones_like(x)), complexity=4),
)  # fmt: skip
FUNCTIONS: tuple[Function, ...] = (
    *(LIBRARY[name] for name in ("x", *_POWERS, "exp", "log", *_OTHERS) if name in LIBRARY),
    *_OWN,
)
"""Functions that are tried on an edge, those of which each is made up for by another's constants left out."""


@dataclass(frozen=True)
class Option:
    """What an edge may be: c f(a v + b) + d; of no function, d.

    Attributes:
        name: Of the function; "0" for an edge that is cut.
        affine: The constants a, b, c, d.
    """

    name: str
    affine: Affine

    def written(self, v: sympy.Expr) -> sympy.Expr:
        """The edge's value at that of a node, without constants that others make up for.

        Example:
            >>> x = sympy.Symbol("x")
            >>> Option("x^2", (2.0, 1.0, 3.0, 0.5)).written(x), Option("exp", (2.0, 0.0, 3.0, 0.0)).written(x)
            (12.0*(x + 0.5)**2 + 0.5, 3.0*exp(2.0*x))
        """
        a, b, c, d = self.affine
        if self.name == "0":
            return _number(d)
        if self.name == "x":
            return _number(a * c) * v + _number(b * c + d)
        if self.name in _POWERS:
            return _power(v, _POWERS[self.name], self.affine)
        if self.name == "exp":
            shift, rest = (_number(a) * v + _number(b)).as_coeff_Add()
            return _number(c * math.exp(min(float(shift), 300.0))) * sympy.exp(rest) + _number(d)
        if self.name == "log":
            size, inside = scaled(_number(a) * v + _number(b))
            return _number(c) * sympy.log(inside) + _number(d + c * math.log(size))
        return _number(c) * _OTHERS[self.name](_number(a) * v + _number(b)) + _number(d)

    def is_near(self, spread: float) -> bool:
        """Whether it is a power whose shift is small beside the deviation of what goes in."""
        a, b, _, _ = self.affine
        return self.name in _POWERS and 0 < abs(b) < _NEAR * abs(a) * spread

    @property
    def plain(self) -> Option:
        """The same without a shift."""
        a, _, c, d = self.affine
        return Option(self.name, (a, 0.0, c, d))


def _power(v: sympy.Expr, exponent: Any, affine: Affine) -> sympy.Expr:
    a, b, c, d = affine
    whole = isinstance(exponent, int)
    inside = v + _number(b / a) if whole else (v if a > 0 else -v) + _number(b / abs(a))
    size, inside = scaled(inside)
    factor = c * (a if whole else abs(a)) ** float(exponent) * size ** float(exponent)
    return _number(factor) * inside**exponent + _number(d)


def scaled(inside: sympy.Expr) -> tuple[float, sympy.Expr]:
    """The size of the number in front of the first function in a sum, and the sum divided by it.

    Example:
        >>> x = sympy.Symbol("x")
        >>> scaled(-2.0 * x + 5.0)
        (2.0, 2.5 - x)
    """
    pairs = [term.as_coeff_Mul() for term in sympy.Add.make_args(inside)]
    size = next((abs(float(number)) for number, rest in pairs if rest != 1), 1.0) or 1.0
    return size, sympy.Add(*(_number(float(number) / size) * rest for number, rest in pairs))


def _number(value: float) -> sympy.Expr:
    return sympy.Integer(int(value)) if value in (0.0, 1.0, -1.0) else sympy.Float(value)
