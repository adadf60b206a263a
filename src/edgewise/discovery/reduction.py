"""A problem in fewer columns that has the same law: what makes it one, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import sympy

from .arguments import angles
from .monomials import monomial_form
from .problem import Array, Problem

_LARGEST_POWER = 8.0
_SURE, _SHARP = 2.5, 0.12
_OUTLIERS, _ROUNDS = 3.0, 4
_CHANCE = 4.0
_TURNS, _LARGEST_TURN = (1.0, 2.0, 0.5, 4.0), 26.0
_UNDERFLOW = 1e-200


@dataclass(frozen=True)
class Coordinate:
    """A new column.

    Attributes:
        name: For its symbol.
        form: What it is in the scaled columns of the problem that it comes from.
        values: Of the form, (n,).
        unit: What the form is multiplied by to be in the columns' own units.
    """

    name: str
    form: sympy.Expr
    values: Array
    unit: float


@dataclass(frozen=True)
class Reduced:
    """Samples in other coordinates, the targets over something known.

    Attributes:
        problem: In the new coordinates, in units of its own.
        coordinates: Where they come from.
        front: What the targets were divided by, in the scaled columns of the problem that this comes from.
    """

    problem: Problem
    coordinates: tuple[Coordinate, ...]
    front: sympy.Expr

    def back(self, form: sympy.Expr) -> sympy.Expr:
        """A form in the new coordinates as one of the old columns."""
        known = {}
        scales = self.problem.x_scale.tolist()
        for symbol, one, scale in zip(self.problem.symbols, self.coordinates, scales, strict=True):
            ratio = one.unit / scale
            known[symbol] = one.form if ratio == 1 else sympy.Float(ratio) * one.form
        whole = self.front * form.xreplace(known)
        return whole if self.problem.y_scale == 1 else sympy.Float(self.problem.y_scale) * whole


def reduced(
    problem: Problem, coordinates: Sequence[Coordinate], front: tuple[sympy.Expr, Array] | None = None
) -> Reduced:
    """The problem in these coordinates; errors count as they did.

    Args:
        problem: In the old columns.
        coordinates: The new ones.
        front: What the targets are divided by, and its values.
    """
    x = np.column_stack([one.values * one.unit for one in coordinates])
    names = [one.name for one in coordinates]
    if front is None:
        weights = problem.weights
        inner = Problem.of(x, problem.y, names, problem.noise, weights=weights, deviation=problem.deviation)
        return Reduced(replace(inner, functions=problem.functions), tuple(coordinates), sympy.Integer(1))
    size = float(np.abs(front[1]).max())
    squares = (front[1] / size) ** 2 * (1.0 if problem.weights is None else problem.weights)
    deviation = problem.spread / size / float(np.sqrt(squares.mean()))
    inner = Problem.of(x, problem.y / front[1], names, problem.noise, weights=squares, deviation=deviation)
    return Reduced(replace(inner, functions=problem.functions), tuple(coordinates), front[0])


def column(problem: Problem, place: int) -> Coordinate:
    """A column as it is."""
    return Coordinate(
        problem.names[place], problem.symbols[place], problem.x[:, place], float(problem.x_scale[place])
    )


@dataclass(frozen=True)
class _Factor:
    column: int
    form: sympy.Expr
    values: Array
    power: float


def peeled(problem: Problem) -> Reduced | None:
    """The targets over those powers of columns, sines and cosines that stand in front of all, without these columns.

    log |y| is compared with the logarithms of all of them. A factor's slope is a multiple of 1/2, and what is left depends
    on its column no more than chance allows, neither in the mean nor in the spread.
    """
    sizes = np.abs(problem.y)
    fine = sizes > _UNDERFLOW * sizes.max()
    if fine.mean() < 0.5:
        return None
    some = problem.rows(fine)
    found = _factors(some, np.log(np.abs(some.y)))
    columns = {one.column for one in found}
    kept = [place for place in range(len(problem.names)) if place not in columns]
    if not found or not kept:
        return None
    form: sympy.Expr = sympy.Integer(1)
    values = np.ones(len(problem.y))
    for one in _candidates(problem):
        for chosen in found:
            if (one.column, one.form) == (chosen.column, chosen.form):
                whole = float(chosen.power).is_integer()
                base, size = (one.form, one.values) if whole else (sympy.Abs(one.form), np.abs(one.values))
                form *= base ** sympy.Rational(chosen.power)
                values = values * size**chosen.power
    if not np.isfinite(problem.y / values).all():
        return None
    return reduced(problem, [column(problem, place) for place in kept], (form, values))


def _candidates(problem: Problem) -> list[_Factor]:
    found = []
    for place, fine in enumerate(problem.nonzero):
        values, symbol = problem.x[:, place], problem.symbols[place]
        if fine and values.min() != values.max():
            found.append(_Factor(place, symbol, values, 0.0))
    for place in angles(problem):
        for turn in _TURNS:
            unit = turn * float(problem.x_scale[place])
            angle = problem.x[:, place] * unit
            if not 1 < np.ptp(angle) < _LARGEST_TURN:
                continue
            inner = problem.symbols[place] * (int(unit) if unit.is_integer() else sympy.Float(unit))
            for wave, form in ((np.cos, sympy.cos), (np.sin, sympy.sin)):
                found.append(_Factor(place, form(inner), wave(angle), 0.0))
    return found


def _factors(problem: Problem, logs: Array) -> list[_Factor]:
    """Powers of columns, then waves of the other columns."""
    tried = [one for one in _candidates(problem) if (one.values != 0).all()]
    plain = [one for one in tried if one.form.is_Symbol]
    found = _certain(plain, logs)
    taken = {one.column for one in found}
    turning = [one for one in tried if not one.form.is_Symbol and one.column not in taken]
    if not turning:
        return found
    again = _certain([*plain, *_best_waves(plain, turning, logs)], logs)
    return found + [one for one in again if one.column not in taken]


def _certain(tried: list[_Factor], logs: Array) -> list[_Factor]:
    """Those whose power is sure, and on whose column nothing else depends."""
    if not tried:
        return []
    design = np.column_stack([*(np.log(np.abs(one.values)) for one in tried), np.ones(len(logs))])
    design[:, :-1] -= design[:, :-1].mean(0)
    kept = np.ones(len(logs), dtype=bool)
    for _ in range(_ROUNDS):
        slopes = np.linalg.lstsq(design[kept], logs[kept], rcond=None)[0]
        rest = logs - design @ slopes
        spread = 1.4826 * float(np.median(np.abs(rest[kept]))) + 1e-12
        kept = np.abs(rest) < _OUTLIERS * spread
    inverse = np.linalg.pinv(design[kept].T @ design[kept])
    errors = np.sqrt(np.maximum(np.diag(inverse), 0)) * max(float(rest[kept].std()), 1e-9)
    found = []
    for place, one in enumerate(tried):
        power, error = float(slopes[place]), float(errors[place])
        near = round(2 * power) / 2
        if (
            near == 0
            or abs(near) > _LARGEST_POWER
            or error > _SHARP
            or abs(power - near) > max(_SURE * error, 1e-3)
        ):
            continue
        others = [other for other in tried if other.column == one.column and other is not one]
        if not any(abs(slopes[tried.index(other)]) > _SURE * errors[tried.index(other)] for other in others):
            others = []
        if not others and not _depends(rest[kept], design[kept], place):
            found.append(_Factor(one.column, one.form, one.values, near))
    return found


def _best_waves(plain: list[_Factor], turning: list[_Factor], logs: Array) -> list[_Factor]:
    """Of each angle's waves the one that explains most beyond the columns."""
    base = np.column_stack([*(np.log(np.abs(one.values)) for one in plain), np.ones(len(logs))])
    q = np.linalg.qr(base)[0]
    left = logs - q @ (q.T @ logs)
    best: dict[int, tuple[float, _Factor]] = {}
    for one in turning:
        own = np.log(np.abs(one.values))
        own = own - q @ (q.T @ own)
        told = float((own @ left) ** 2 / max(float(own @ own), 1e-300))
        best[one.column] = max(best.get(one.column, (-1.0, one)), (told, one), key=lambda pair: pair[0])
    return [one for _, one in best.values()]


def _depends(rest: Array, design: Array, place: int) -> bool:
    """Whether what is left, or its size, depends on a column by more than chance."""
    own = design[:, place]
    products = np.column_stack([own[:, None] * design[:, :-1], own**3])
    others = np.delete(design, place, 1)
    others = np.column_stack([others, others[:, :-1] ** 2])
    base = np.column_stack([own, others])
    sizes = np.abs(rest) - np.abs(rest).mean()
    return _explained(rest, products, base) or _explained(sizes, np.column_stack([own, own**2]), others)


def _explained(target: Array, more: Array, base: Array) -> bool:
    q = np.linalg.qr(base)[0]
    left = target - q @ (q.T @ target)
    beyond = more - q @ (q.T @ more)
    solution = np.linalg.lstsq(beyond, left, rcond=1e-10)[0]
    share = 1 - float(np.sum((left - beyond @ solution) ** 2)) / max(float(np.sum(left**2)), 1e-300)
    count = more.shape[1]
    return bool(share * len(target) > count + _CHANCE * np.sqrt(2 * count))


def free_name(word: str, place: int, problem: Problem) -> str:
    """A name that no column has.

    Example:
        >>> free_name("ratio", 0, Problem.of(np.ones((3, 1)), np.ones(3), ["ratio_1"]))
        'ratio_1_'
    """
    name = f"{word}_{place + 1}"
    while name in problem.names:
        name += "_"
    return name


def monomial(problem: Problem, powers: Sequence[float]) -> tuple[sympy.Expr, Array]:
    """A product of powers of columns as an expression, and its values; sizes of columns where a power is no whole number."""
    symbols = [
        symbol if float(power).is_integer() or column.min() >= 0 else sympy.Abs(symbol)
        for symbol, column, power in zip(problem.symbols, problem.x.T, powers, strict=True)
    ]
    values = np.ones(len(problem.y))
    for column, power in zip(problem.x.T, powers, strict=True):
        if power:
            values = values * (column if float(power).is_integer() else np.abs(column)) ** power
    return monomial_form(symbols, tuple(powers)), values
