"""How targets were rounded, and how much a law may miss of them for that alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import sympy

from .law import Law
from .problem import Array

WITHIN_ROUNDING = "within rounding"  # the verdict
_UNIFORM = 12**-0.5  # deviation of what rounding takes off, in steps
_SINGLES, _DOUBLES = ("float32", 24, -149), ("float64", 53, -1074)
_FLOATS = (("bfloat16", 8, -133), ("float16", 11, -24), _SINGLES, _DOUBLES)  # bits, and the least exponent
_FINEST = 1e-13  # of the deviation, what rounding to float64 takes of numbers that are not far from 0
_ARITHMETIC = 3.0  # roundings on the way to a target, where it was computed in few bits
_DECIMALS, _DIGITS = range(-6, 11), range(1, 8)
_LARGEST = 1e12  # steps from 0, beyond which decimals of a float64 tell nothing
_COARSEST = 0.1  # of the deviation of the targets
FINE = 1e-4  # of it: a law that misses less hardly does so by chance
_FARTHEST, _CERTAIN = 3.0, 3.0  # deviations of a single sample; standard errors of their mean square
_FEWEST_BITS = 16  # of columns in float32; what takes less may be exact
_FIRST = 50  # numbers that are looked at before all are
_ON_GRID, _MOST_STEPS = 1e-6, 1e5

_Kind = tuple[str, int, int]


@dataclass(frozen=True)
class Rounding:
    """What targets were rounded to.

    Attributes:
        name: For the user, behind "to".
        steps: How far the next possible target is from each, (n,).
        roundings: How many such roundings a target went through, as a root of the sum of their squares.
    """

    name: str
    steps: Array
    roundings: float = 1.0

    @property
    def deviations(self) -> Array:
        """Of what each target lost, (n,)."""
        return self.roundings * _UNIFORM * self.steps

    @property
    def deviation(self) -> float:
        """Root mean square of these."""
        return float(np.sqrt(np.mean(self.deviations**2)))


def rounding_of(y: Array) -> Rounding | None:
    """The coarsest rounding that all of these numbers bear; None where they have all digits, or hardly any.

    Args:
        y: Shape (n,).

    Example:
        >>> y = np.linspace(1, 9, 50) ** 3
        >>> rounding_of(y.round(2)).name, rounding_of(y.astype(np.float32).astype(float)).name, rounding_of(y)
        ('2 decimals', 'float32', None)
        >>> rounding_of(1e9 + y).name
        'float64'
    """
    found = [one for one in (*_as_text(y), _as_floats(y), *_on_a_grid(y)) if one is not None]
    best = max(found, key=lambda one: one.deviation, default=None)
    return best if best is not None and best.deviation < _COARSEST * y.std() else None


@dataclass(frozen=True)
class Precision:
    """What is known of the digits of samples.

    Attributes:
        targets: Rounding of all targets; None where they have all digits.
        columns: What each column was kept in where that took something of it, which targets may have been computed
            without: float32, or float64 far from 0.
        deviation: Root mean square of what the targets lost, where that is known beforehand: 0 where they have all digits,
            or may have no more because the columns have none.
        origins: What was taken off each column since; None for nothing.
    """

    targets: Rounding | None
    columns: tuple[_Kind | None, ...]
    deviation: float
    origins: Array | None = None

    @classmethod
    def of(cls, x: Array, y: Array) -> Precision:
        """Look at columns (n, columns) and targets (n,)."""
        targets = rounding_of(y)
        columns = tuple(map(_kept_in, x.T))
        if targets is None:
            return cls(None, columns, 0.0)
        own = targets.deviation > FINE * y.std() and _is_own_grid(x, targets)
        return cls(targets, columns, 0.0 if own else targets.deviation)

    @property
    def is_full(self) -> bool:
        """Whether float64 keeps what targets far from 0 vary by: another law may round to the same values."""
        return self.targets is None or self.targets.name != _DOUBLES[0]

    @property
    def name(self) -> str:
        """What samples were rounded to."""
        if self.targets is not None:
            return self.targets.name
        return _SINGLES[0] if _SINGLES in self.columns else _DOUBLES[0]

    def allows(self, law: Law, x: Array, y: Array, rows: slice) -> bool:
        """Whether rounding is all that a law misses.

        Args:
            law: Any.
            x: Columns of some samples.
            y: Their targets.
            rows: Which samples these are, of all.
        """
        if self.targets is None and not any(self.columns):
            return False
        values = law.predict(x)
        variances = np.zeros(len(y)) if self.targets is None else self.targets.deviations[rows] ** 2
        kept = x if self.origins is None else x + self.origins
        for place, kind in enumerate(self.columns):
            if kind is None:
                continue
            moved = x.copy()
            moved[:, place] += _float_steps(kept[:, place], *kind[1:])
            variances += (_UNIFORM * (law.predict(moved) - values)) ** 2
        with np.errstate(all="ignore"):
            squares = (y - values) ** 2 / variances
            if FINE**2 > np.mean((y - values) ** 2) / y.var() > 0 and self.name == _SINGLES[0]:
                squares /= max(1.0, _ARITHMETIC**2 * np.mean((_in_singles(law, x) - values) ** 2 / variances))
        limit = 1 + _CERTAIN * (2 / len(y)) ** 0.5
        return bool(squares.mean() <= limit and squares.max() <= _FARTHEST**2)


def _in_singles(law: Law, x: Array) -> Array:
    """Values of a law by arithmetic of float32."""
    values = sympy.lambdify(law.symbols, law.expression, "numpy")(*x.T.astype(np.float32))
    return np.broadcast_to(np.asarray(values, dtype=np.float64), len(x))


def _is_own_grid(x: Array, rounding: Rounding) -> bool:
    """Whether targets may have no more digits because the columns have none: whole numbers have whole products."""
    least = 0.999 * float(rounding.steps.max())
    steps = [[one.steps.max() for one in (*_as_text(column), *_on_a_grid(column)) if one] for column in x.T]
    return all(max(one, default=0.0) >= least for one in steps)


def _as_text(y: Array) -> Iterator[Rounding | None]:
    """So many decimals, or so many digits, in float64 or kept in fewer bits."""
    for kind in (np.float64, np.float32, np.float16):
        with np.errstate(over="ignore"):
            kept = y.astype(kind).astype(np.float64)
        if not np.array_equal(kept, y):
            continue
        yield _decimals(y, kind)
        yield _digits(y, kind)


def _decimals(y: Array, kind: type[np.floating]) -> Rounding | None:
    for places in _DECIMALS:
        size = 10.0 ** abs(places)
        rounded = np.rint(y * size) / size if places >= 0 else np.rint(y / size) * size
        if np.array_equal(rounded.astype(kind).astype(np.float64), y) and _tells(y, 10.0**-places, kind):
            name = {0: "whole numbers", 1: "1 decimal"}.get(places, f"{places} decimals")
            return Rounding(
                name if places >= 0 else f"multiples of {size:.0f}", np.full(len(y), 10.0**-places)
            )
    return None


def _tells(y: Array, step: float, kind: type[np.floating]) -> bool:
    """Whether numbers of this kind lie closer than such steps, so that to be on one is no accident."""
    resolved = 0.1 / float(np.finfo(kind).eps)
    return bool(np.abs(y).max() < min(resolved, _LARGEST) * step)


def _digits(y: Array, kind: type[np.floating]) -> Rounding | None:
    for digits in _DIGITS:
        if 10.0**digits * float(np.finfo(kind).eps) > 1e-2:
            return None
        if all(_has_digits(part, digits, kind) for part in (y[:_FIRST], y)):
            return Rounding(f"{digits} digits", 10.0 ** (np.floor(np.log10(_sizes(y))) - digits + 1))
    return None


def _has_digits(y: Array, digits: int, kind: type[np.floating]) -> bool:
    rounded = np.array([float(f"{value:.{digits - 1}e}") for value in y.tolist()])
    return np.array_equal(rounded.astype(kind).astype(np.float64), y)


def _as_floats(y: Array) -> Rounding | None:
    """In so many bits; None where these are all and enough."""
    name, bits, least = next(kind for kind in _FLOATS if _bits(y) <= kind[1])
    found = Rounding(name, _float_steps(y, bits, least), _ARITHMETIC)
    return found if found.deviation > _FINEST * y.std() else None


def _kept_in(x: Array) -> _Kind | None:
    """What took something of a column's values: float32, or float64 far from 0."""
    if _FEWEST_BITS < _bits(x) <= _SINGLES[1]:
        return _SINGLES
    steps = _float_steps(x, *_DOUBLES[1:])
    return _DOUBLES if 0 < x.std() < float(steps.max()) / _FINEST else None


def _float_steps(y: Array, bits: int, least: int) -> Array:
    return np.asarray(2.0 ** np.maximum(np.floor(np.log2(_sizes(y))) + 1 - bits, least))


def _sizes(y: Array) -> Array:
    """From 0; the smallest other one in place of 0."""
    sizes = np.abs(y)
    return np.where(sizes > 0, sizes, sizes[sizes > 0].min(initial=1.0))


def _bits(values: Array) -> int:
    """How many bits the significands take."""
    whole = (np.abs(np.frexp(values)[0]) * 2.0**53).astype(np.int64)
    whole = whole[whole != 0]
    if not len(whole):
        return 0
    lowest = whole & -whole
    return int(53 - np.log2(lowest.min().astype(np.float64)))


def _on_a_grid(y: Array) -> Iterator[Rounding | None]:
    """Multiples of any step beside any offset, where samples are dense enough to show it."""
    values = np.unique(y)
    gaps = np.diff(values)
    if len(gaps) < 2 or not (values[-1] - values[0]) / gaps.min() < _MOST_STEPS:
        return
    step = (values[-1] - values[0]) / np.rint((values[-1] - values[0]) / gaps.min())
    off = (values - values[0]) / step
    if np.abs(off - np.rint(off)).max() < _ON_GRID:
        yield Rounding(f"steps of {step:.6g}", np.full(len(y), step))
