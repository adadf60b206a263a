"""`LIBRARY`: the functions that formulas are made of, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from math import inf, pi
from types import MappingProxyType

import torch
from torch import Tensor

from ..errors import unknown_name
from . import singular
from .function import WHOLE_LINE, Elementwise, Function, Interval, Kind

ALIASES: Mapping[str, str] = MappingProxyType({"x^0.5": "sqrt", "1/x^0.5": "1/sqrt(x)"})

_POSITIVE: tuple[Interval, ...] = ((0.0, inf),)
_PUNCTURED: tuple[Interval, ...] = ((-inf, 0.0), (0.0, inf))
_UNIT: tuple[Interval, ...] = ((-1.0, 1.0),)


class _LibraryFunction(Function):
    def __reduce__(self) -> tuple[Callable[[str], Function], tuple[str]]:
        return get_function, (self.name,)


def _identity(x: Tensor) -> Tensor:
    return x


def _zero(x: Tensor) -> Tensor:
    return 0 * x  # rather than zeros_like, which has no gradient


def _pow(x: Tensor, exponent: float) -> Tensor:
    return x.pow(exponent)


def _power(n: int, complexity: int) -> Function:
    return _LibraryFunction(
        f"x^{n}", partial(_pow, exponent=n), partial(singular.power, n=n), WHOLE_LINE, complexity, "power"
    )


def _reciprocal(n: int, complexity: int) -> Function:
    safe = partial(singular.reciprocal_power, n=n)
    name = "1/x" if n == 1 else f"1/x^{n}"
    return _LibraryFunction(name, partial(_pow, exponent=-n), safe, _PUNCTURED, complexity, "power")


def _half_line(name: str, p: float, complexity: int) -> Function:
    safe = partial(singular.half_line_power, p=p) if p > 0 else partial(singular.half_line_reciprocal, p=-p)
    return _LibraryFunction(name, partial(_pow, exponent=p), safe, _POSITIVE, complexity, "power")


def _entire(
    name: str, fn: Elementwise, complexity: int, kind: Kind, safe: Elementwise | None = None
) -> Function:
    return _LibraryFunction(name, fn, safe or fn, WHOLE_LINE, complexity, kind)


_FUNCTIONS: tuple[Function, ...] = (
    _entire("0", _zero, 0, "zero"),
    _entire("x", _identity, 1, "linear"),
    _power(2, 2),
    _power(3, 3),
    _power(4, 3),
    _power(5, 3),
    _power(6, 4),
    _reciprocal(1, 2),
    _reciprocal(2, 2),
    _reciprocal(3, 3),
    _reciprocal(4, 4),
    _reciprocal(5, 5),
    _half_line("sqrt", 0.5, 2),
    _half_line("x^1.5", 1.5, 4),
    _half_line("1/sqrt(x)", -0.5, 2),
    _half_line("1/x^1.5", -1.5, 4),
    _entire("cbrt", singular.plain_cbrt, 3, "power", singular.cbrt),
    _entire("abs", torch.abs, 3, "power"),
    _entire("sgn", singular.sgn, 3, "power"),
    _entire("exp", torch.exp, 2, "exp", singular.exp),
    _LibraryFunction("log", torch.log, singular.log, _POSITIVE, 2, "log"),
    _entire("sin", torch.sin, 2, "periodic"),
    _entire("cos", torch.cos, 2, "periodic"),
    _LibraryFunction("tan", torch.tan, singular.tan, ((-pi / 2, pi / 2),), 3, "periodic"),
    _LibraryFunction("arcsin", torch.asin, singular.arcsin, _UNIT, 4, "full"),
    _LibraryFunction("arccos", torch.acos, singular.arccos, _UNIT, 4, "full"),
    _entire("arctan", torch.atan, 4, "full"),
    _entire("sinh", torch.sinh, 3, "full", singular.sinh),
    _entire("cosh", torch.cosh, 3, "full", singular.cosh),
    _entire("tanh", torch.tanh, 3, "full"),
    _LibraryFunction("arctanh", torch.atanh, singular.arctanh, _UNIT, 4, "full"),
    _entire("sigmoid", torch.sigmoid, 3, "full"),
    _entire("erf", singular.erf, 4, "full"),
    _entire("gaussian", singular.gaussian, 3, "full"),
    _entire("sinc", singular.sinc, 4, "full"),
)

LIBRARY: Mapping[str, Function] = MappingProxyType({function.name: function for function in _FUNCTIONS})
"""Every function of the library by name; read-only, so that no model can change another's formulas."""


def get_function(name: str | Function, extra: Mapping[str, Function] | None = None) -> Function:
    """Look a function up by name.

    Args:
        name: A name in `LIBRARY`, "x^0.5" or "1/x^0.5" (for "sqrt" and "1/sqrt(x)"), or a name in `extra`.
            A `Function` is handed back as it is.
        extra: Functions of your own by name; the library's names come first.

    Returns:
        The function.

    Raises:
        UnknownName: There is no such function.

    Example:
        >>> get_function("x^0.5")
        Function('sqrt')
    """
    if isinstance(name, Function):
        return name
    known = {**(extra or {}), **LIBRARY}
    found = known.get(ALIASES.get(name, name)) if isinstance(name, str) else None
    if found is None:
        error = unknown_name("get_function", "name", name, known)
        raise type(error)(f"{error} Functions of your own are made by make_function.")
    return found
