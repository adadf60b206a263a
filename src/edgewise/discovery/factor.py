"""Functions that products have as factors: f of k v, with the scales k that are tried."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import sympy

from .problem import Array

LARGEST_POWER = 8.0


@dataclass(frozen=True)
class Factor:
    """A function f of k v.

    Attributes:
        name: For the user.
        value: f of an array.
        form: f as sympy expression.
        scales: k to be tried, times the inverse size of v; negative ones too where that differs.
        own: k to be tried in the columns' own units.
    """

    name: str
    value: Callable[[Array], Array]
    form: Callable[[sympy.Expr], sympy.Expr]
    scales: tuple[float, ...]
    own: tuple[float, ...] = ()

    @property
    def largest(self) -> float:
        """The power that it may have: any where that is the same as another scale."""
        return np.inf if self.form is sympy.exp else LARGEST_POWER

    @property
    def has_scale(self) -> bool:
        """Whether another k makes another curve, for any constant and power beside it."""
        return len(self.scales) > 1

    def curve(self, v: Array, k: float | Array) -> Array:
        """log |f(k v)|."""
        return k * v if self.form is sympy.exp else log_size(self.value(k * v))


def log_size(values: Array) -> Array:
    """log |v|."""
    return np.log(np.abs(values))


def _sinc(values: Array) -> Array:
    return np.asarray(np.sinc(values / np.pi))


_WIDE = tuple(np.geomspace(1e-2, 1e2, 25).tolist())
_SIGNED = (*_WIDE, *(-scale for scale in _WIDE))
_NARROW = tuple(np.geomspace(1e-4, 2e1, 30).tolist())
_TURNS = tuple(np.linspace(0.25, 12, 48).tolist())

FACTORS: Sequence[Factor] = (
    Factor("v", lambda v: v, lambda v: v, (1.0,), (1.0,)),  # of sums and differences: powers have the others
    Factor("1 + v", lambda v: 1 + v, lambda v: 1 + v, _SIGNED, (1.0, -1.0)),
    Factor("exp(v)", np.exp, sympy.exp, (1.0,)),
    Factor("log(v)", log_size, sympy.log, _WIDE, (1.0,)),
    Factor("exp(v) - 1", np.expm1, lambda v: sympy.exp(v) - 1, _NARROW, (1.0,)),
    Factor("exp(v) + 1", lambda v: np.exp(v) + 1, lambda v: sympy.exp(v) + 1, _NARROW, (1.0,)),
    Factor("cosh(v)", np.cosh, sympy.cosh, _NARROW, (1.0,)),
    Factor("tanh(v)", np.tanh, sympy.tanh, _NARROW, (1.0,)),
    Factor("sin(v)", np.sin, sympy.sin, _TURNS, (0.5, 1.0, 2.0)),
    Factor("cos(v)", np.cos, sympy.cos, _TURNS, (0.5, 1.0, 2.0)),
    Factor("sin(v)/v", _sinc, lambda v: sympy.sin(v) / v, _TURNS, (0.5, 1.0, 2.0)),
)


@dataclass(frozen=True)
class Found:
    """A factor, the place of its argument, its scale, and what it leaves; `own`: the scale is one of the columns' own units."""

    missed: float
    factor: Factor
    place: int
    scale: float
    own: bool = False
