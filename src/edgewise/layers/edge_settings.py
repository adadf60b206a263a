"""The settings of spline edges: the arguments that `KAN`, `build` and `KANLayer` share."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from .._checks import as_int
from ..errors import InputError, unknown_name
from ..spline import EXTRAPOLATIONS
from .base import Base, find_base
from .init import Initialisation, find_initialisation

BaseName = Literal["silu", "identity", "zero"]
ExtrapolationName = Literal["linear", "constant", "decay", "periodic", "error"]
InitialisationName = Literal["power", "glorot", "paper"]


@dataclass(frozen=True)
class EdgeSettings:
    """The settings of a layer's spline edges, checked.

    Args:
        grid: Number of intervals G of each spline, at least 1. A `KAN` starts with 3, as pykan's networks do,
            and is refined; a `KANLayer` by itself starts with 5, as pykan's layers do.
        k: Degree of the splines, at least 0.
        base: Residual base function: "silu", "identity", "zero", or any elementwise callable.
        grid_range: Ends of the initial grid, in the units of the input.
        extrapolation: Values outside the grid: "linear", "constant", "decay", "periodic" or "error".
        grid_eps: When the grid follows the data: 1 keeps it uniform, 0 puts knots at quantiles.
        init: Initialisation: "power", "glorot", "paper", or a function of `layers.init`'s form.

    Raises:
        InputError: a number or a range is out of bounds.
        UnknownName: unknown name.

    Example:
        >>> EdgeSettings(grid=8).k
        3
    """

    grid: int = 3
    k: int = 3
    base: BaseName | Base = "silu"
    grid_range: tuple[float, float] = (-1.0, 1.0)
    extrapolation: ExtrapolationName = "linear"
    grid_eps: float = 0.02
    init: InitialisationName | Initialisation = "power"

    def __post_init__(self) -> None:
        """Check every setting, and make numbers of what counts as one."""
        for name, least in (("grid", 1), ("k", 0)):
            object.__setattr__(self, name, checked_size(name, getattr(self, name), least))
        object.__setattr__(self, "grid_range", _checked_range(self.grid_range))
        object.__setattr__(self, "grid_eps", _checked_share(self.grid_eps))
        if self.extrapolation not in EXTRAPOLATIONS:
            raise unknown_name("KANLayer", "extrapolation", self.extrapolation, EXTRAPOLATIONS)
        find_base(self.base)
        find_initialisation(self.init)


def checked_size(name: str, value: Any, least: int) -> int:
    """Give a whole number of at least that, or an error that names it.

    Example:
        >>> checked_size("grid", 3.0, 1)
        3
    """
    try:
        return as_int(value, least)
    except ValueError:
        raise InputError(
            f"KANLayer: {name} must be a whole number of at least {least}; got {value!r}. Give one."
        ) from None


def _checked_share(grid_eps: Any) -> float:
    try:
        share = float(grid_eps)
    except (TypeError, ValueError):
        share = math.nan
    if not 0 <= share <= 1:
        raise InputError(f"KANLayer: grid_eps must be from 0 to 1; got {grid_eps!r}. The default is 0.02.")
    return share


def _checked_range(grid_range: Any) -> tuple[float, float]:
    try:
        low, high = (float(end) for end in grid_range)
    except (TypeError, ValueError):
        low = high = 0.0
    if not -math.inf < low < high < math.inf:
        raise InputError(
            f"KANLayer: grid_range must be two rising numbers; got {grid_range!r}. Give (low, high)."
        )
    return low, high


DEFAULTS = EdgeSettings()
"""The settings of a network's edges where nothing else is said."""
