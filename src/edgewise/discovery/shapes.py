"""Functions of one column with constants inside, at many values of these: peaks, steps, waves, decays, powers and poles.

A sum of few of them is near to a law that has such parts; a joint fit of the constants leads from there to the law.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import sympy

from .monomials import monomial_form, monomial_values, polynomial_exponents
from .periodogram import frequencies
from .problem import Array, Problem
from .proposal import Proposal, combined
from .sums import Terms

_CONSTANT_BITS, _PART_BITS = 12.0, 3.0
_MOST = 4000
_FEW_COLUMNS = 3
_TURNS = np.linspace(0.25, 12, 48)
_RATES = np.geomspace(0.1, 30, 13)
_PHASES = (np.pi / 4, 3 * np.pi / 4)
_STEEPEST = 50.0  # of exponents, beyond which exponentials leave nothing beside them
_RATES_OF_WAVES = np.geomspace(0.3, 10, 4)
_POWERS = (-12, -9, -7, -6, -5, -4, -3, -2.5, -1.5, -1, -0.5, 0.5, 1.5, 2.5, 3, 4, 5, 6, 7, 9, 12)
_POWERS_BESIDE = (-2.0, -1.0, -0.5, 0.5, 1.0, 2.0)
_CENTRES = np.linspace(0.05, 0.95, 10)
_WIDTHS = (0.04, 0.1, 0.2, 0.4)
_POLES = (0.03, 0.1, 0.3, 1.0, 3.0)


def one_shape(problem: Problem, of: Terms) -> Iterator[Proposal]:
    """The best of each kind of shapes beside 1, and beside a polynomial of degree 1.

    Args:
        problem: Samples.
        of: Their shapes, as `shapes` gives them.
    """
    columns = problem.x.shape[1]
    plain = len(polynomial_exponents(columns, 2))
    weighted, target = of.values * problem.roots[:, None], problem.y * problem.roots
    for count in (1, 1 + columns):
        base = np.linalg.qr(weighted[:, :count])[0]
        rest = weighted[:, plain:] - base @ (base.T @ weighted[:, plain:])
        with np.errstate(all="ignore"):
            along = np.nan_to_num(
                np.abs((target - base @ (base.T @ target)) @ rest) / np.linalg.norm(rest, axis=0)
            )
        for kind in np.unique(of.kinds[plain:]):
            members = np.flatnonzero(of.kinds[plain:] == kind)
            best = plain + int(members[np.argmax(along[members])])
            places = [*range(count), best]
            numbers = np.linalg.lstsq(weighted[:, places], target, rcond=None)[0]
            rmse = np.sqrt(np.mean((target - weighted[:, places] @ numbers) ** 2)) / problem.spread
            yield Proposal(combined(numbers, map(of.form, places)), float(rmse), "sums")


@dataclass(frozen=True)
class _Shape:
    name: str
    values: Array
    form: Callable[[sympy.Expr], sympy.Expr]
    constants: int


def shapes(problem: Problem) -> Terms:
    """Polynomials of degree 2, and each shape alone and, of few columns, times a column."""
    columns = problem.x.shape[1]
    exponents = polynomial_exponents(columns, 2)
    plain = Terms(
        monomial_values(problem.x, exponents),
        np.array([_CONSTANT_BITS + _PART_BITS * sum(p + (p > 1) for p in powers) for powers in exponents]),
        lambda place: monomial_form(problem.symbols, exponents[place]),
        np.arange(len(exponents)),
    )
    few = columns <= _FEW_COLUMNS
    waves = [tuple(_waves_of(x, problem.y)) if few else () for x in problem.x.T]
    single = [
        (shape, column)
        for column in range(columns)
        for shape in _shapes_of(problem.x[:, column], waves[column])
    ]
    found = [(shape, column, times) for times in range(-1, columns if few else 0) for shape, column in single]
    if columns == 1:
        factors = [*waves[0], *(shape for shape, _ in single if shape.name == "exp")]
        found += [(shape, 0, -1) for shape in _products_of(problem.x[:, 0], factors)]
    found = found[:_MOST]

    def form(place: int) -> sympy.Expr:
        shape, column, times = found[place]
        inner = shape.form(problem.symbols[column])
        return inner if times < 0 else problem.symbols[times] * inner

    values = [s.values if t < 0 else s.values * problem.x[:, t] for s, _, t in found]
    costs = [
        _CONSTANT_BITS * (1 + s.constants) + _PART_BITS * (3 + s.constants + (t >= 0)) for s, _, t in found
    ]
    names: dict[tuple[str, int, int], int] = {}
    kinds = np.array([names.setdefault((s.name, c, t), len(names)) for s, c, t in found])
    return plain.plus(Terms(np.stack(values, 1), np.array(costs), form, kinds)) if found else plain


def _shapes_of(x: Array, waves: Sequence[_Shape]) -> Iterator[_Shape]:
    """Those of a column, with the waves that the targets have."""
    low, high = float(x.min()), float(x.max())
    width = high - low
    if width == 0:
        return
    size = float(np.sqrt(np.mean(x**2)))
    for turn in _TURNS / size:
        yield _Shape("sin", np.sin(turn * x), _of(sympy.sin, turn), 1)
        yield _Shape("cos", np.cos(turn * x), _of(sympy.cos, turn), 1)
    yield from waves
    for rate in (*_RATES / width, *-_RATES / width):
        if np.abs(rate * x).max() < _STEEPEST:
            yield _Shape("exp", np.exp(rate * x), _of(sympy.exp, rate), 1)
    for power in _POWERS if low > 0 else ():
        yield _Shape("power", x**power, _power(power), 1)
    for share in _CENTRES:
        centre = low + share * width
        for wide in _WIDTHS:
            z = (x - centre) / (wide * width)
            yield _Shape("peak", np.exp(-(z**2)), _at(lambda u: sympy.exp(-(u**2)), centre, wide * width), 2)
            yield _Shape("line", 1 / (1 + z**2), _at(lambda u: 1 / (1 + u**2), centre, wide * width), 2)
            yield _Shape("step", np.tanh(z), _at(sympy.tanh, centre, wide * width), 2)
    for far in _POLES:
        for sign, end in ((1.0, low - far * width), (-1.0, high + far * width)):
            away = sign * (x - end)
            yield _Shape(f"pole {sign}", 1 / away, _after(lambda u: 1 / u, sign, end), 1)
            yield _Shape(f"log {sign}", np.log(away), _after(sympy.log, sign, end), 1)


def _waves_of(x: Array, y: Array) -> Iterator[_Shape]:
    """Waves of the frequencies that the targets have, of any phase."""
    for turn in frequencies(x, y).tolist():
        yield _Shape("sin", np.sin(turn * x), _of(sympy.sin, turn), 1)
        yield _Shape("cos", np.cos(turn * x), _of(sympy.cos, turn), 1)
        for phase in _PHASES:
            yield _Shape("wave", np.sin(turn * x + phase), _wave(turn, phase), 2)


def _products_of(x: Array, factors: Sequence[_Shape]) -> Iterator[_Shape]:
    """Decaying and growing waves, and powers times a wave or an exponential, of one column.

    Args:
        x: The column.
        factors: Its waves and exponentials.
    """
    width = float(x.max() - x.min())
    if width == 0:
        return
    both = (*_RATES_OF_WAVES / width, *-_RATES_OF_WAVES / width)
    rates = [(rate, np.exp(rate * x)) for rate in both if np.abs(rate * x).max() < _STEEPEST]
    with np.errstate(all="ignore"):
        powers = [(power, x**power) for power in _POWERS_BESIDE]
    for shape in factors:
        if shape.name != "exp":
            for rate, decay in rates:
                yield _times(shape, f"exp {shape.name}", decay, _of(sympy.exp, rate))
        for power, values in powers:
            if np.isfinite(values).all():
                yield _times(shape, f"power {shape.name}", values, _power(power))


def _times(shape: _Shape, name: str, values: Array, form: Callable[[sympy.Expr], sympy.Expr]) -> _Shape:
    return _Shape(name, shape.values * values, lambda x: form(x) * shape.form(x), shape.constants + 1)


def _power(power: float) -> Callable[[sympy.Expr], sympy.Expr]:
    return lambda x: x ** sympy.Float(power)


def _wave(turn: float, phase: float) -> Callable[[sympy.Expr], sympy.Expr]:
    return lambda x: sympy.sin(sympy.Float(turn) * x + sympy.Float(phase))


def _of(function: Callable[[sympy.Expr], sympy.Expr], rate: float) -> Callable[[sympy.Expr], sympy.Expr]:
    return lambda x: function(sympy.Float(rate) * x)


def _at(
    function: Callable[[sympy.Expr], sympy.Expr], centre: float, width: float
) -> Callable[[sympy.Expr], sympy.Expr]:
    return lambda x: function(sympy.Float(1 / width) * (x - sympy.Float(centre)))


def _after(
    function: Callable[[sympy.Expr], sympy.Expr], sign: float, end: float
) -> Callable[[sympy.Expr], sympy.Expr]:
    return lambda x: function((x if sign > 0 else -x) - sympy.Float(sign * end))
