"""`LIBRARY`: the functions available in formulas, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from math import inf, pi
from types import MappingProxyType

import torch
from torch import Tensor

from . import derivatives, safe_functions
from .function import WHOLE_LINE, Elementwise, Function, Interval, Kind, Slope

ALIASES: Mapping[str, str] = MappingProxyType({"x^0.5": "sqrt", "1/x^0.5": "1/sqrt(x)"})

_POSITIVE: tuple[Interval, ...] = ((0.0, inf),)
_PUNCTURED: tuple[Interval, ...] = ((-inf, 0.0), (0.0, inf))
_UNIT: Interval = (-1.0, 1.0)
_CBRT_SLOPE = partial(derivatives.of_power, exponent=1 / 3)


class _LibraryFunction(Function):
    def __reduce__(self) -> tuple[Callable[[str], Function], tuple[str]]:
        return _of_library, (self.name,)


def _of_library(name: str) -> Function:
    return LIBRARY[name]


def _identity(x: Tensor) -> Tensor:
    return x


def _zero(x: Tensor) -> Tensor:
    return 0 * x  # rather than zeros_like, which has no gradient


def _reciprocal_power(x: Tensor, n: int) -> Tensor:
    return safe_functions.natural_power(x, n).reciprocal()


def _half_power(x: Tensor, n: int) -> Tensor:
    """x^(n/2) for an odd n: a root is cheaper than `pow`."""
    root = x.sqrt() if n > 0 else x.rsqrt()
    return root if abs(n) == 1 else root * x if n == 3 else root / x


def _power(n: int, complexity: int) -> Function:
    fn = partial(safe_functions.natural_power, n=n)
    safe = partial(safe_functions.power, n=n)
    slope = partial(derivatives.of_power, exponent=n)
    return _LibraryFunction(f"x^{n}", fn, safe, WHOLE_LINE, complexity, "power", slope=slope)


def _reciprocal(n: int, complexity: int) -> Function:
    fn = partial(_reciprocal_power, n=n)
    safe = partial(safe_functions.reciprocal_power, n=n)
    slope = partial(derivatives.of_power, exponent=-n)
    name = "1/x" if n == 1 else f"1/x^{n}"
    return _LibraryFunction(name, fn, safe, _PUNCTURED, complexity, "power", slope=slope)


def _half_line(name: str, n: int, complexity: int) -> Function:
    p = n / 2
    fn = partial(_half_power, n=n)
    safe = (
        partial(safe_functions.half_line_power, p=p)
        if p > 0
        else partial(safe_functions.half_line_reciprocal, p=-p)
    )
    slope = partial(derivatives.of_power, exponent=p)
    return _LibraryFunction(name, fn, safe, _POSITIVE, complexity, "power", slope=slope)


def _entire(
    name: str, fn: Elementwise, slope: Slope, complexity: int, kind: Kind, safe: Elementwise | None = None
) -> Function:
    return _LibraryFunction(name, fn, safe or fn, WHOLE_LINE, complexity, kind, slope=slope)


def _on_interval(
    name: str, fns: tuple[Elementwise, Elementwise, Slope], domain: Interval, complexity: int, kind: Kind
) -> Function:
    fn, safe, slope = fns
    return _LibraryFunction(name, fn, safe, (domain,), complexity, kind, slope=slope)


_FUNCTIONS: tuple[Function, ...] = (
    _entire("0", _zero, derivatives.of_zero, 0, "zero"),
    _entire("x", _identity, derivatives.of_identity, 1, "linear"),
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
    _half_line("sqrt", 1, 2),
    _half_line("x^1.5", 3, 4),
    _half_line("1/sqrt(x)", -1, 2),
    _half_line("1/x^1.5", -3, 4),
    _entire("cbrt", safe_functions.plain_cbrt, _CBRT_SLOPE, 3, "power", safe_functions.cbrt),
    _entire("abs", torch.abs, derivatives.of_abs, 3, "power"),
    _entire("sgn", safe_functions.sgn, derivatives.of_zero, 3, "power"),
    _entire("exp", torch.exp, derivatives.of_exp, 2, "exp", safe_functions.exp),
    _on_interval("log", (torch.log, safe_functions.log, derivatives.of_log), (0.0, inf), 2, "log"),
    _entire("sin", torch.sin, derivatives.of_sin, 2, "periodic"),
    _entire("cos", torch.cos, derivatives.of_cos, 2, "periodic"),
    _on_interval(
        "tan", (torch.tan, safe_functions.tan, derivatives.of_tan), (-pi / 2, pi / 2), 3, "periodic"
    ),
    _on_interval("arcsin", (torch.asin, safe_functions.arcsin, derivatives.of_arcsin), _UNIT, 4, "full"),
    _on_interval("arccos", (torch.acos, safe_functions.arccos, derivatives.of_arccos), _UNIT, 4, "full"),
    _entire("arctan", torch.atan, derivatives.of_arctan, 4, "full"),
    _entire("sinh", torch.sinh, derivatives.of_sinh, 3, "full", safe_functions.sinh),
    _entire("cosh", torch.cosh, derivatives.of_cosh, 3, "full", safe_functions.cosh),
    _entire("tanh", torch.tanh, derivatives.of_tanh, 3, "full"),
    _on_interval("arctanh", (torch.atanh, safe_functions.arctanh, derivatives.of_arctanh), _UNIT, 4, "full"),
    _entire("sigmoid", torch.sigmoid, derivatives.of_sigmoid, 3, "full"),
    _entire("erf", safe_functions.erf, derivatives.of_erf, 4, "full"),
    _entire("gaussian", safe_functions.gaussian, derivatives.of_gaussian, 3, "full"),
    _entire(
        "1/(1+x^2)",
        safe_functions.plain_lorentzian,
        derivatives.of_lorentzian,
        3,
        "full",
        safe_functions.lorentzian,
    ),
    _entire("sinc", safe_functions.plain_sinc, derivatives.of_sinc, 4, "full", safe_functions.sinc),
)

LIBRARY: Mapping[str, Function] = MappingProxyType({function.name: function for function in _FUNCTIONS})
"""Every function of the library by name; read-only, so that no model can change another's formulas."""
