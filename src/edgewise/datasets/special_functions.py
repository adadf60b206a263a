"""The 15 special functions of two variables that Kolmogorov-Arnold networks were first measured by; values by SciPy.

Source: Liu et al. 2024, "KAN: Kolmogorov-Arnold Networks", table 1. The paper gives no ranges: here they hold no
singularity. Of the spherical harmonics the real part is taken.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .._optional import optional
from ..errors import unknown_name
from .feynman_equations import Array, Equation, Variable

_SOURCE = "Liu et al. 2024, KAN: Kolmogorov-Arnold Networks, table 1; ranges of this package, values by SciPy"
_DEGREE, _ARGUMENT = ("degree", 2.0, 5.0), ("x", -0.9, 0.9)
_AZIMUTH, _POLAR = ("azimuth", 0.0, 2 * math.pi), ("polar", 0.0, math.pi)
_ANGLE, _PARAMETER = ("phi", -1.5, 1.5), ("m", 0.0, 0.9)

_Function = Callable[..., Array]
_End = tuple[str, float, float]


def _legendre(order: int) -> Callable[[Any], _Function]:
    return lambda special: lambda degree, x: special.lpmv(order, degree, x)


def _harmonic(order: int, degree: int) -> Callable[[Any], _Function]:
    def made(special: Any) -> _Function:
        if hasattr(special, "sph_harm_y"):
            return lambda azimuth, polar: special.sph_harm_y(degree, order, polar, azimuth).real
        return lambda azimuth, polar: (
            special.sph_harm(order, degree, azimuth, polar).real
        )  # before SciPy 1.15

    return made


_TABLE: dict[str, tuple[Callable[[Any], _Function], _End, _End]] = {
    "ellipj": (lambda s: lambda u, m: s.ellipj(u, m)[0], ("u", -3.0, 3.0), _PARAMETER),
    "ellipkinc": (lambda s: s.ellipkinc, _ANGLE, _PARAMETER),
    "ellipeinc": (lambda s: s.ellipeinc, _ANGLE, _PARAMETER),
    "jv": (lambda s: s.jv, ("order", 0.0, 4.0), ("x", 1.0, 8.0)),
    "yv": (lambda s: s.yv, ("order", 0.0, 2.0), ("x", 1.0, 8.0)),
    "kv": (lambda s: s.kv, ("order", 0.0, 2.0), ("x", 1.0, 5.0)),
    "iv": (lambda s: s.iv, ("order", 0.0, 2.0), ("x", 1.0, 5.0)),
    **{f"lpmv({order})": (_legendre(order), _DEGREE, _ARGUMENT) for order in (0, 1, 2)},
    **{
        f"sph_harm({order}, {degree})": (_harmonic(order, degree), _AZIMUTH, _POLAR)
        for order, degree in ((0, 1), (1, 1), (0, 2), (1, 2), (2, 2))
    },
}


@dataclass(frozen=True)
class SpecialFunction(Equation):
    """A special function: an `Equation` whose values come from SciPy and not from its text.

    Attributes:
        function: From an array for each variable to an array.
    """

    function: Callable[..., Any] = field(kw_only=True)

    def __call__(self, x: Any) -> Array:
        """Values (n,) at inputs (n, 2), in float64."""
        columns = np.asarray(x, dtype=np.float64)
        return np.asarray(self.function(*columns.T), dtype=np.float64)


def special_function(name: str) -> SpecialFunction:
    """One of 15 special functions of two variables, with where it is sampled.

    Args:
        name: See `special_function_names`: SciPy's, with the order, or order and degree, that are fixed.

    Raises:
        UnknownName: there is no such function here.
        MissingExtra: SciPy is not installed.

    Example:
        >>> bessel = special_function("jv")
        >>> bessel.names, bessel.sample(100, 50)["train_input"].shape
        (('order', 'x'), torch.Size([100, 2]))
        >>> round(float(bessel([[0.5, 2.0]])[0]), 12)  # sqrt(2/(pi x)) sin(x)
        0.513016136562
    """
    if name not in _TABLE:
        raise unknown_name("special_function", "name", name, list(_TABLE))
    made, *ends = _TABLE[name]
    function = made(optional("scipy.special", "scipy", "special_function"))
    variables = tuple(Variable(label, "1", low, high) for label, low, high in ends)
    text = f"{name}({', '.join(label for label, *_ in ends)})"
    return SpecialFunction(name, "", "y", "1", text, variables, {}, source=_SOURCE, function=function)


def special_function_names() -> list[str]:
    """Names of the 15 functions, in the paper's order.

    Example:
        >>> special_function_names()[:3], len(special_function_names())
        (['ellipj', 'ellipkinc', 'ellipeinc'], 15)
    """
    return list(_TABLE)
