"""Buckingham's theorem: products of powers of columns that have no unit, and one that has the target's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import gcd, lcm

import numpy as np

Powers = tuple[Fraction, ...]
_MOST_SETS = 20_000


@dataclass(frozen=True)
class Quantity:
    """A column or constant that products are made of.

    Attributes:
        dimensions: Its powers of base dimensions.
        zero: Whether it is 0 at many samples: then it is no divisor.
        signed: Whether it changes sign: then its powers are whole.
        constant: Whether it is a constant with a name.
    """

    dimensions: Mapping[str, Fraction]
    zero: bool = False
    signed: bool = False
    constant: bool = False

    def takes(self, power: Fraction) -> bool:
        """Whether such a power of it is a number everywhere."""
        return not (power < 0 and self.zero) and not (power.denominator != 1 and self.signed)


def dimensionless(quantities: Sequence[Quantity]) -> list[Powers]:
    """Independent products without a unit, of few quantities and small whole powers; as many as there are.

    Products of constants alone are numbers, and left out.

    Example:
        >>> length, time = {"[length]": Fraction(1)}, {"[time]": Fraction(1)}
        >>> groups = dimensionless([Quantity(length), Quantity(length), Quantity(time)])
        >>> [[int(power) for power in powers] for powers in groups]
        [[-1, 1, 0]]
    """
    table = _table(quantities)
    size = len(quantities)
    constants = [place for place, one in enumerate(quantities) if one.constant]
    numbers = len(constants) - _rank(table[:, constants])
    wanted = size - _rank(table) - numbers
    chosen: list[Powers] = []
    rows = _null_space(table, constants, size)
    for found in _by_size(table, quantities):
        for powers in found:
            if len(chosen) < wanted and _rank(np.array([*rows, list(map(float, powers))])) > len(rows):
                rows.append(list(map(float, powers)))
                chosen.append(powers)
        if len(chosen) == wanted:
            break
    return chosen


def with_unit(quantities: Sequence[Quantity], target: Mapping[str, Fraction], most: int = 3) -> list[Powers]:
    """Products that have the unit of the target, the simplest first; none where there is none.

    Example:
        >>> speed = {"[length]": Fraction(1), "[time]": Fraction(-1)}
        >>> found = with_unit([Quantity({"[length]": Fraction(1)}), Quantity({"[time]": Fraction(1)})], speed)
        >>> [int(power) for power in found[0]]
        [1, -1]
    """
    size = len(quantities)
    if not target:
        return [(Fraction(0),) * size]
    table = _table([*quantities, Quantity(target)])
    found: list[Powers] = []
    for count in range(1, _rank(table) + 1):
        for places in _sets(size, count):
            powers = _solved(table[:, list(places)], -table[:, size])
            if powers is not None and all(powers):
                whole = _spread(places, powers, size)
                if all(one.takes(power) for one, power in zip(quantities, whole, strict=True)):
                    found.append(whole)
        if len(found) >= most:
            break
    return sorted(found, key=_cost)[:most]


def _table(quantities: Sequence[Quantity]) -> np.ndarray:
    names = sorted({name for one in quantities for name in one.dimensions})
    rows = [[one.dimensions.get(name, Fraction(0)) for one in quantities] for name in names]
    return np.array(rows, dtype=object).reshape(len(names), len(quantities))


def _rank(table: np.ndarray) -> int:
    return int(np.linalg.matrix_rank(table.astype(float))) if table.size else 0


def _null_space(table: np.ndarray, places: Sequence[int], size: int) -> list[list[float]]:
    """Products of these quantities that have no unit, as rows."""
    if not places:
        return []
    part = table[:, list(places)].astype(float)
    if not len(part):
        part = np.zeros((1, len(places)))
    _, _, right = np.linalg.svd(part)
    rows = np.zeros((len(places) - _rank(part), size))
    rows[:, list(places)] = right[_rank(part) :]
    return rows.tolist()


def _by_size(table: np.ndarray, quantities: Sequence[Quantity]) -> Iterator[list[Powers]]:
    """Minimal products without a unit: those of one quantity, of two, ..., each sorted by their powers."""
    size = len(quantities)
    supports: list[set[int]] = []
    for count in range(1, _rank(table) + 2):
        found = []
        for places in _sets(size, count):
            if any(support <= set(places) for support in supports):
                continue
            first, rest = places[0], list(places[1:])
            powers = _solved(table[:, rest], table[:, first])
            if powers is None or not all(powers):
                continue
            supports.append(set(places))
            found += _either_way(_spread(places, (Fraction(1), *powers), size), quantities)
        yield sorted(found, key=_cost)


def _sets(size: int, count: int) -> Iterator[tuple[int, ...]]:
    for number, places in enumerate(combinations(range(size), count)):
        if number == _MOST_SETS:
            return
        yield places


def _either_way(powers: Powers, quantities: Sequence[Quantity]) -> list[Powers]:
    """Whole powers of a product or of its inverse, as it may be: ratios of two over the first, others with it on top."""
    below = lcm(*(power.denominator for power in powers))
    whole = [int(power * below) for power in powers]
    shared = gcd(*whole)
    used = [place for place, power in enumerate(whole) if power]
    ways = [tuple(Fraction(sign * power // shared) for power in whole) for sign in (1, -1)]
    fine = [way for way in ways if all(one.takes(power) for one, power in zip(quantities, way, strict=True))]
    ratio = len(used) == 2 and sum(whole) == 0 and not quantities[used[1]].constant
    return sorted(fine, key=lambda way: way[used[0]] if ratio else -way[used[0]])[:1]


def _solved(table: np.ndarray, target: np.ndarray) -> tuple[Fraction, ...] | None:
    """x with table x = -target for independent columns; None where there is none or are many."""
    rows = [[*row, -value] for row, value in zip(table.tolist(), target.tolist(), strict=True)]
    pivot, columns = 0, table.shape[1]
    for column in range(columns):
        place = next((n for n in range(pivot, len(rows)) if rows[n][column]), None)
        if place is None:
            return None
        rows[pivot], rows[place] = rows[place], rows[pivot]
        rows[pivot] = [value / rows[pivot][column] for value in rows[pivot]]
        for n in range(len(rows)):
            if n != pivot and rows[n][column]:
                rows[n] = [
                    one - rows[n][column] * other for one, other in zip(rows[n], rows[pivot], strict=True)
                ]
        pivot += 1
    if any(row[-1] for row in rows[pivot:]):
        return None
    return tuple(Fraction(row[-1]) for row in rows[:pivot])


def _spread(places: Sequence[int], powers: Sequence[Fraction], size: int) -> Powers:
    whole = [Fraction(0)] * size
    for place, power in zip(places, powers, strict=True):
        whole[place] = power
    return tuple(whole)


def _cost(powers: Powers) -> tuple[Fraction, int]:
    """Few quantities with small whole powers first."""
    return (
        sum((abs(p) + (2 if p.denominator != 1 else 0) for p in powers), start=Fraction(0)),
        sum(p != 0 for p in powers),
    )
