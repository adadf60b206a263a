"""Laws that are products: y = C u_1^p_1 ... u_d^p_d f_1(k_1 v_1)^q_1 f_2(k_2 v_2)^q_2.

In logarithms this is linear in the exponents. What log |y| leaves of the columns' logarithms is compared with what
log |f(k v)| leaves, for many functions f, arguments v and scales k at once: where the two are parallel the law is found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import sympy

from .arguments import Arguments, of_monomials, of_pairs, times
from .problem import Array, Problem
from .proposal import Proposal

_LARGEST_POWER = 8.0
_SINGLES, _REFINED, _PAIRS, _WRITTEN = 40, 24, 6, 5
_SCANNED = 100
_BANKED, _LARGEST_BANK, _TURNS_OF_TWO = 4, 2000, 3
_NOT_ALIKE = 1 - 1e-6
_GOLDEN = (3 - 5**0.5) / 2


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

    def curve(self, v: Array, k: float | Array) -> Array:
        """log |f(k v)|."""
        return k * v if self.form is sympy.exp else _log(self.value(k * v))


def _log(values: Array) -> Array:
    return np.log(np.abs(values))


_WIDE = tuple(np.geomspace(1e-2, 1e2, 25).tolist())
_SIGNED = (*_WIDE, *(-scale for scale in _WIDE))
_NARROW = tuple(np.geomspace(1e-4, 2e1, 30).tolist())
_TURNS = tuple(np.linspace(0.25, 12, 48).tolist())

FACTORS: Sequence[Factor] = (
    Factor("1 + v", lambda v: 1 + v, lambda v: 1 + v, _SIGNED, (1.0, -1.0)),
    Factor("exp(v)", np.exp, sympy.exp, (1.0,)),
    Factor("log(v)", _log, sympy.log, _WIDE, (1.0,)),
    Factor("exp(v) - 1", np.expm1, lambda v: sympy.exp(v) - 1, _NARROW, (1.0,)),
    Factor("exp(v) + 1", lambda v: np.exp(v) + 1, lambda v: sympy.exp(v) + 1, _NARROW, (1.0,)),
    Factor("cosh(v)", np.cosh, sympy.cosh, _NARROW, (1.0,)),
    Factor("tanh(v)", np.tanh, sympy.tanh, _NARROW, (1.0,)),
    Factor("sin(v)", np.sin, sympy.sin, _TURNS, (0.5, 1.0, 2.0)),
    Factor("cos(v)", np.cos, sympy.cos, _TURNS, (0.5, 1.0, 2.0)),
)


@dataclass(frozen=True)
class _Found:
    missed: float
    factor: Factor
    place: int
    scale: float


class Products:
    """The search, in steps of growing cost.

    Args:
        problem: The samples; none of the targets may be 0.
    """

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        some = problem.some
        used = [column for column, fine in zip(some.x.T, problem.nonzero, strict=True) if fine]
        design = np.column_stack([np.ones(len(some.y)), *map(_log, used)])
        self._plain = _Left(design, _log(some.y))
        self._firsts: list[tuple[_Found, Arguments]] = []

    def powers(self) -> Iterator[Proposal]:
        """A product of powers of the columns."""
        yield from _written(self._problem, [], [], self._plain.missed)

    def one_function(self, wide: bool) -> Iterator[Proposal]:
        """The same and one function, of simple arguments or of many."""
        some = self._problem.some
        arguments = _many(some) if wide else _few(some)
        found = _best(self._plain, arguments, FACTORS, _SINGLES)
        found = sorted((_refined(self._plain, arguments, one) for one in found[:_REFINED]), key=_missed)
        self._firsts += [(one, arguments) for one in found[:_PAIRS]]
        for one in found[:_WRITTEN]:
            yield from _written(self._problem, [one], [arguments], one.missed)

    def two_functions(self) -> Iterator[Proposal]:
        """Two functions at once: all pairs of a bank of simple ones, and a third beside the best."""
        few = _few(self._problem.some)
        bank = _bank(self._plain, few)
        pairs = _best_pairs(self._plain, [self._column(few, one) for one in bank])
        found = [([bank[one], bank[other]], missed) for missed, one, other in pairs[:_REFINED]]
        refined = sorted((self._refined(few, both) for both, _ in found), key=lambda both: both[1].missed)
        for both in refined[:_WRITTEN]:
            yield from _written(self._problem, both, [few] * 2, both[1].missed)
        for both in refined[:_PAIRS]:
            rest = self._plain.without(*(self._column(few, one) for one in both))
            for third in _best(rest, few, FACTORS, 1):
                third = _refined(rest, few, third)
                yield from _written(self._problem, [*both, third], [few] * 3, third.missed)

    def _refined(self, of: Arguments, both: list[_Found]) -> list[_Found]:
        """Scales of two functions by turns."""
        for _ in range(_TURNS_OF_TWO):
            for place in (0, 1):
                rest = self._plain.without(self._column(of, both[1 - place]))
                both[place] = _refined(rest, of, both[place])
        return both

    def _column(self, of: Arguments, found: _Found) -> Array:
        with np.errstate(all="ignore"):
            return found.factor.curve(of.values[:, found.place], found.scale)


def _bank(left: _Left, of: Arguments) -> list[_Found]:
    """Functions of simple arguments at a few scales, without those that powers of the columns explain.

    Scales of 1, 1/2 and 2 in the columns' own units come first, then simple arguments.
    """
    sizes = np.sqrt(np.mean(of.values**2, 0))
    found = []
    for factor in FACTORS:
        scales = [scale / sizes for scale in factor.scales[:: max(1, len(factor.scales) // _BANKED)]]
        own = [scale * of.units for scale in factor.own]
        for rank, scale in [*((0, one) for one in own), *((1, one) for one in scales)]:
            with np.errstate(all="ignore"):
                missed = left.missed_with(factor.curve(of.values, scale))
            found += [
                (rank, int(p), _Found(float(missed[p]), factor, int(p), float(scale[p])))
                for p in np.flatnonzero(np.isfinite(missed))
            ]
    found.sort(key=lambda one: one[:2])
    return [one[2] for one in found[:_LARGEST_BANK]]


def _best_pairs(left: _Left, columns: Sequence[Array]) -> list[tuple[float, int, int]]:
    """What two columns at once leave, the best pairs first."""
    if len(columns) < 2:
        return []
    rest = left.beyond(np.stack(columns, 1))
    rest = rest / np.linalg.norm(rest, axis=0)
    target = left.rest / np.linalg.norm(left.rest)
    along, between = rest.T @ target, rest.T @ rest
    with np.errstate(all="ignore"):
        explained = along[:, None] ** 2 + along[None] ** 2 - 2 * along[:, None] * along[None] * between
        explained = np.where(between**2 < _NOT_ALIKE, explained / (1 - between**2), -np.inf)
    best = np.argsort(-np.triu(explained, 1), axis=None)[: 8 * _REFINED]
    pairs = [divmod(int(place), len(columns)) for place in best]
    return [(left.missed * max(0.0, 1 - float(explained[pair])) ** 0.5, *pair) for pair in pairs]


def _missed(found: _Found) -> float:
    return found.missed


def _few(problem: Problem) -> Arguments:
    return of_monomials(problem, (1, -1, 2), 3, 3).plus(of_pairs(problem))


def _many(problem: Problem) -> Arguments:
    degree = 5 if problem.x.shape[1] <= 5 else 4
    pairs = of_pairs(problem)
    found = of_monomials(problem, (1, -1, 2, -2), 4, degree).plus(pairs)
    return found.plus(times(pairs, of_monomials(problem, (1, -1), 1, 1)))


class _Left:
    """What a matrix leaves of a vector, and of others beside it."""

    def __init__(self, design: Array, target: Array) -> None:
        self._base = np.linalg.qr(design)[0]
        self._design, self._target = design, target
        spread = np.linalg.norm(target - target.mean())
        self.rest = target - self._base @ (self._base.T @ target)
        self._size = np.linalg.norm(self.rest)
        self._share = self._size / spread if spread > 0 else 0.0
        self.missed = float(self._share)

    def at(self, rows: slice) -> _Left:
        """The same on some of the samples."""
        return _Left(self._design[rows], self._target[rows])

    def without(self, *columns: Array) -> _Left:
        """The same with more columns in the matrix."""
        return _Left(np.column_stack([self._design, *columns]), self._target)

    def beyond(self, columns: Array) -> Array:
        """What the matrix leaves of each of these columns."""
        return columns - self._base @ (self._base.T @ columns)

    def missed_with(self, columns: Array) -> Array:
        """What would be left with each of these columns (n, m) more, as a share of the target's spread."""
        with np.errstate(all="ignore"):
            rest = self.beyond(columns)
            sizes = np.linalg.norm(rest, axis=0)
            along = self.rest @ rest / sizes
            power = along / sizes
            missed = self._share * np.sqrt(np.maximum(1 - (along / self._size) ** 2, 0))
            bad = ~np.isfinite(missed) | (np.abs(power) > _LARGEST_POWER)
            bad |= sizes < 1e-9 * np.linalg.norm(columns - columns.mean(0), axis=0)
        return np.where(bad, np.inf, missed)


def _best(left: _Left, arguments: Arguments, factors: Sequence[Factor], most: int) -> list[_Found]:
    """The functions and arguments that leave least, each argument once a function."""
    sizes = np.sqrt(np.mean(arguments.values**2, 0))
    thin = slice(None, None, 1 + len(arguments.values) // _SCANNED)
    left, values = left.at(thin), arguments.values[thin]
    found: list[_Found] = []
    for factor in factors:
        scales = [*(scale / sizes for scale in factor.scales), *(own * arguments.units for own in factor.own)]
        lowest, at = np.full(len(arguments), np.inf), np.zeros(len(arguments))
        for scale in scales:
            with np.errstate(all="ignore"):
                missed = left.missed_with(factor.curve(values, scale))
            better = missed < lowest
            lowest, at = np.where(better, missed, lowest), np.where(better, scale, at)
        places = np.argsort(lowest)[:most]
        found += [
            _Found(float(lowest[p]), factor, int(p), float(at[p])) for p in places if np.isfinite(lowest[p])
        ]
    return sorted(found, key=lambda one: one.missed)[:most]


def _refined(left: _Left, arguments: Arguments, found: _Found) -> _Found:
    """The same with the best scale nearby, by golden section in its logarithm, and what it leaves."""
    v = arguments.values[:, found.place]

    def missed(shift: float) -> float:
        with np.errstate(all="ignore"):
            return float(left.missed_with(found.factor.curve(v, found.scale * np.exp(shift))[:, None])[0])

    here = missed(0.0)
    if found.factor.form is sympy.exp:
        return replace(found, missed=here)
    low, high = -0.25, 0.25
    one, two = low + _GOLDEN * (high - low), high - _GOLDEN * (high - low)
    at_one, at_two = missed(one), missed(two)
    for _ in range(50):
        if at_one < at_two:
            high, two, at_two = two, one, at_one
            one = low + _GOLDEN * (high - low)
            at_one = missed(one)
        else:
            low, one, at_one = one, two, at_two
            two = high - _GOLDEN * (high - low)
            at_two = missed(two)
    best, shift = min((here, 0.0), (at_one, one), (at_two, two))
    return replace(found, missed=best, scale=found.scale * float(np.exp(shift)))


def _written(
    problem: Problem, found: Sequence[_Found], arguments: Sequence[Arguments], missed: float
) -> Iterator[Proposal]:
    """The law with exponents by least squares, rounded to simple ones; with those as they are too where it is no law."""
    some = problem.some
    curves, signs, forms = [], [], []
    for one, of in zip(found, arguments, strict=True):
        v = of.values[:, one.place]
        with np.errstate(all="ignore"):
            curves.append(one.factor.curve(v, one.scale))
            values = one.factor.value(one.scale * v)
        form = one.factor.form(sympy.Float(one.scale) * of.forms[one.place])
        below = bool((values < 0).all())
        signs.append(np.sign(-values if below else values))
        forms.append(-form if below else form)
    used = [place for place, fine in enumerate(problem.nonzero) if fine]
    columns = [some.x[:, place] for place in used]
    signs = [*map(np.sign, columns), *signs]
    design = np.column_stack([*map(_log, columns), *curves, np.ones(len(some.y))])
    powers = np.linalg.lstsq(design, _log(some.y), rcond=None)[0]
    bases = [*(problem.symbols[place] for place in used), *forms]
    free = [False, True] if missed > problem.tolerance else [False]
    for as_found in free:
        exponents = [
            sympy.Float(p) if as_found or _any_power(b) else _simple(p)
            for p, b in zip(powers, bases, strict=False)
        ]
        sign, factors = np.sign(some.y), []
        for base, exponent, own in zip(bases, exponents, signs, strict=True):
            if not exponent.is_Integer and (own < 0).any():
                base = sympy.Abs(base)
            elif exponent.is_Integer and int(exponent) % 2:
                sign = sign * own
            factors.append(sympy.exp(exponent * base.args[0]) if _any_power(base) else base**exponent)
        constant = np.sign(sign.sum()) * np.exp(powers[-1])
        yield Proposal(sympy.Float(constant) * sympy.Mul(*factors), missed, "products")


def _any_power(base: sympy.Expr) -> bool:
    """Whether a power of it is one of its kind: exp(v)^q is exp(q v)."""
    return isinstance(base, sympy.exp)


def _simple(power: float) -> sympy.Expr:
    """The nearest multiple of a half, or a third where that is far nearer."""
    half, third = round(2 * power) / 2, round(3 * power) / 3
    if abs(third - power) < 0.2 * abs(half - power):
        return sympy.Rational(round(3 * power), 3)
    return sympy.Rational(round(2 * power), 2)
