"""Laws that are products: y = C u_1^p_1 ... u_d^p_d f_1(k_1 v_1)^q_1 f_2(k_2 v_2)^q_2.

In logarithms this is linear in the exponents. What log |y| leaves of the columns' logarithms is compared with what
log |f(k v)| leaves, for many functions f, arguments v and scales k at once: where the two are parallel the law is found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import sympy

from .allowed_functions import is_allowed
from .arguments import Arguments, of_monomials, of_pairs, powered, times
from .problem import Array, Problem, telling
from .proposal import Proposal
from .subsets import explained_by_both

_LARGEST_POWER = 8.0
_FEW_COLUMNS = 5
_SECONDS = 6
_SINGLES, _REFINED, _PAIRS, _WRITTEN = 40, 24, 6, 5
_SCANNED = 100
_BANKED, _LARGEST_BANK, _TURNS_OF_TWO = 4, 2000, 3
_NOT_ALIKE = 1 - 1e-6
_SAFE, _TRUSTED = 6.0, 3.0
_FEWEST, _SCALE_BITS = 20, 12.0
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

    @property
    def largest(self) -> float:
        """The power that it may have: any where that is the same as another scale."""
        return np.inf if self.form is sympy.exp else _LARGEST_POWER

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
    Factor("v", lambda v: v, lambda v: v, (1.0,), (1.0,)),  # of sums and differences: powers have the others
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
    own: bool = False


class Products:
    """The search, in steps of growing cost.

    Args:
        problem: The samples; without noise none of the targets may be 0.
        level: Deviation of the noise, or more than it, in units of the targets, weighted as they are. Samples weigh as
            much as their size, so that errors count as they do in the targets.
        near: What the targets may be without noise (n,), where something is known of that.
    """

    def __init__(self, problem: Problem, level: float = 0.0, near: Array | None = None) -> None:
        self._tolerance, self._level = problem.tolerance, level
        self._factors = [one for one in FACTORS if is_allowed(one.form, problem.functions)]
        some = self._some = problem.some if near is None and not level else problem
        centre = some.y if near is None else near
        logs = _log(centre) + (some.y - centre) / centre
        weights = np.abs(centre) * some.roots if level else np.ones(len(logs))
        self._target = _Target(logs, weights / weights.max(), np.sign(centre))
        self._used = [place for place, fine in enumerate(some.nonzero) if fine]
        design = np.column_stack([np.ones(len(logs)), *map(_log, some.x.T[self._used])])
        self._plain = _Left(design, logs, self._target.weights)
        self._firsts: list[tuple[_Found, Arguments]] = []

    @classmethod
    def in_noise(cls, problem: Problem, level: float, near: Array | None = None) -> Products | None:
        """The search among samples that are farther from 0 than the noise; None where these are too few.

        Args:
            problem: The samples.
            level: As above.
            near: As above.
        """
        centre = problem.y if near is None else near
        far = np.flatnonzero(np.abs(centre) * problem.roots > (_SAFE if near is None else _TRUSTED) * level)
        if len(far) < _FEWEST:
            return None
        kept = far[telling(np.log(np.abs(centre[far])))]
        return cls(problem.rows(kept), level, None if near is None else near[kept])

    def powers(self) -> Iterator[Proposal]:
        """A product of powers of the columns."""
        yield from self._written([], [], self._plain.missed)

    def one_function(self, wide: bool) -> Iterator[Proposal]:
        """The same and one function, of simple arguments or of many."""
        arguments = _many(self._some) if wide else _few(self._some)
        if self._level:
            costs = np.array([3.0 * sympy.count_ops(form) for form in arguments.forms])
            found = _diverse(_best(self._plain, arguments, self._factors, _SINGLES, costs))
        else:
            found = _best(self._plain, arguments, self._factors, _SINGLES)[:_REFINED]
            refined = [_refined(self._plain, arguments, one) for one in found]
            found = sorted(refined, key=lambda one: self._order(one, arguments))[:_WRITTEN]
        self._firsts += [(one, arguments) for one in found[:_PAIRS]]
        for one in found:
            yield from self._written([one], [arguments], one.missed)

    def _order(self, found: _Found, of: Arguments) -> tuple[float, int, float]:
        """What is left; of those that leave no more than they may, the simplest first."""
        plain = 0 if found.factor.form is sympy.exp else 1
        ops = plain + int(sympy.count_ops(of.forms[found.place]))
        return max(found.missed, self._tolerance), ops, found.missed

    def next_function(self) -> Iterator[Proposal]:
        """A second function, of any scale, beside each of the best first ones."""
        few = _few(self._some)
        found = []
        for first, of in sorted(self._firsts, key=lambda pair: pair[0].missed)[:_PAIRS]:
            rest = self._plain.without(self._column(of, first))
            for second in _best(rest, few, self._factors, 2)[:_SECONDS]:
                one, other = first, second
                for _ in range(_TURNS_OF_TWO):
                    other = _refined(self._plain.without(self._column(of, one)), few, other)
                    one = _refined(self._plain.without(self._column(few, other)), of, one)
                found.append((other.missed, one, other, of))
        for missed, one, other, of in sorted(found, key=lambda pair: pair[0])[:_WRITTEN]:
            yield from self._written([one, other], [of, few], missed)

    def two_functions(self) -> Iterator[Proposal]:
        """Two functions at once: all pairs of a bank of simple ones, and a third beside the best."""
        few = _few(self._some)
        bank = _bank(self._plain, few, self._factors)
        costs = np.zeros(len(bank))
        if self._level:
            ops = np.array([3.0 * sympy.count_ops(form) for form in few.forms])
            costs = np.array([ops[one.place] + (0.0 if one.own else _SCALE_BITS) for one in bank])
        pairs = _best_pairs(self._plain, [self._column(few, one) for one in bank], costs)
        found = [[bank[one], bank[other]] for _, one, other in pairs[:_REFINED]]
        refined = sorted((self._refined(few, [*both]) for both in found), key=lambda both: both[1].missed)
        if self._level:
            refined = [*found[:_WRITTEN], *refined[:_WRITTEN]]
        for both in refined if self._level else refined[:_WRITTEN]:
            yield from self._written(both, [few] * 2, both[1].missed)
        if self._level:
            return
        for both in refined[:_PAIRS]:
            rest = self._plain.without(*(self._column(few, one) for one in both))
            for third in _best(rest, few, self._factors, 1):
                third = _refined(rest, few, third)
                yield from self._written([*both, third], [few] * 3, third.missed)

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

    def _written(
        self, found: Sequence[_Found], arguments: Sequence[Arguments], missed: float
    ) -> Iterator[Proposal]:
        """The law with exponents by least squares, rounded to simple ones; with those as they are too where it is no law."""
        some, (logs, weights, sign) = self._some, self._target
        curves, signs, forms = [], [], []
        for one, of in zip(found, arguments, strict=True):
            curves.append(self._column(of, one))
            form, own = _as_factor(one, of)
            forms.append(form)
            signs.append(own)
        columns = [some.x[:, place] for place in self._used]
        signs = [*map(np.sign, columns), *signs]
        design = np.column_stack([*map(_log, columns), *curves, np.ones(len(logs))])
        if not np.isfinite(design).all():
            return
        powers = np.linalg.lstsq(design * weights[:, None], logs * weights, rcond=None)[0]
        bases = [*(some.symbols[place] for place in self._used), *forms]
        for as_found in [False, True] if missed > self._tolerance else [False]:
            exponents = [
                sympy.Float(p) if as_found or _any_power(b) else _simple(p)
                for p, b in zip(powers, bases, strict=False)
            ]
            over, factors = sign, []
            for base, exponent, own in zip(bases, exponents, signs, strict=True):
                if not exponent.is_Integer and (own < 0).any():
                    base = sympy.Abs(base)
                elif exponent.is_Integer and int(exponent) % 2:
                    over = over * own
                factors.append(sympy.exp(exponent * base.args[0]) if _any_power(base) else base**exponent)
            constant = (np.sign((over * weights).sum()) or 1.0) * np.exp(powers[-1])
            yield Proposal(sympy.Float(constant) * sympy.Mul(*factors), missed, "products")


def _diverse(found: Sequence[_Found]) -> list[_Found]:
    """The best ones, and the best of each function: in noise many leave the same, and the simplest of them is the law."""
    firsts: dict[str, _Found] = {}
    for one in found:
        firsts.setdefault(one.factor.name, one)
    best = found[: 2 * _WRITTEN]
    return [*best, *(one for one in firsts.values() if one not in best)]


class _Target(NamedTuple):
    """Logarithms of the targets' sizes, their weights and signs."""

    logs: Array
    weights: Array
    signs: Array


def _as_factor(found: _Found, of: Arguments) -> tuple[sympy.Expr, Array]:
    """A function as an expression, with its signs; the negative of one that is negative throughout."""
    with np.errstate(all="ignore"):
        values = found.factor.value(found.scale * of.values[:, found.place])
    form = found.factor.form(sympy.Float(found.scale) * of.forms[found.place])
    below = bool((values < 0).all())
    return (-form, np.sign(-values)) if below else (form, np.sign(values))


def _bank(left: _Left, of: Arguments, factors: Sequence[Factor]) -> list[_Found]:
    """Functions of simple arguments at a few scales, without those that powers of the columns explain.

    Scales of 1, 1/2 and 2 in the columns' own units come first, then simple arguments.
    """
    sizes = np.sqrt(np.mean(of.values**2, 0))
    found = []
    for factor in factors:
        scales = [scale / sizes for scale in factor.scales[:: max(1, len(factor.scales) // _BANKED)]]
        own = [scale * of.units for scale in factor.own]
        for rank, scale in [*((0, one) for one in own), *((1, one) for one in scales)]:
            with np.errstate(all="ignore"):
                missed = left.missed_with(factor.curve(of.values, scale), factor.largest)
            found += [
                (rank, int(p), _Found(float(missed[p]), factor, int(p), float(scale[p]), rank == 0))
                for p in np.flatnonzero(np.isfinite(missed))
            ]
    found.sort(key=lambda one: one[:2])
    return [one[2] for one in found[:_LARGEST_BANK]]


def _best_pairs(left: _Left, columns: Sequence[Array], costs: Array) -> list[tuple[float, int, int]]:
    """What two columns at once leave, the best pairs first; those that cost bits as if they left so much more."""
    if len(columns) < 2:
        return []
    rest = left.beyond(np.stack(columns, 1))
    rest = rest / np.linalg.norm(rest, axis=0)
    target = left.rest / np.linalg.norm(left.rest)
    along, between = rest.T @ target, rest.T @ rest
    explained = np.where(between**2 < _NOT_ALIKE, explained_by_both(along, along, between), -np.inf)
    least = np.sqrt(np.maximum(0.0, 1 - explained)) * left.missed
    least *= 2 ** ((costs[:, None] + costs[None]) / len(target))
    least[np.tril_indices(len(columns))] = np.inf
    best = np.argsort(least, axis=None)[: 8 * _REFINED]
    pairs = [divmod(int(place), len(columns)) for place in best]
    return [(float(least[pair]), *pair) for pair in pairs if np.isfinite(least[pair])]


def _missed(found: _Found) -> float:
    return found.missed


def _few(problem: Problem) -> Arguments:
    return of_monomials(problem, (1, -1, 2), 3, 3).plus(of_pairs(problem))


def _many(problem: Problem) -> Arguments:
    degree = 5 if problem.x.shape[1] <= 5 else 4
    pairs = of_pairs(problem)
    found = of_monomials(problem, (1, -1, 2, -2), 4, degree).plus(pairs)
    found = found.plus(times(pairs, of_monomials(problem, (1, -1), 1, 1)))
    if problem.x.shape[1] > _FEW_COLUMNS:
        return found
    squares = powered(pairs, 2)
    return found.plus(squares).plus(times(squares, of_monomials(problem, (1, -1, 2, -2), 1, 2)))


class _Left:
    """What a matrix leaves of a vector, and of others beside it."""

    def __init__(self, design: Array, target: Array, weights: Array) -> None:
        self._base = np.linalg.qr(design * weights[:, None])[0]
        self._design, self._target, self._weights = design, target, weights
        spread = np.linalg.norm((target - np.average(target, weights=weights**2)) * weights)
        target = target * weights
        self.rest = target - self._base @ (self._base.T @ target)
        self._size = np.linalg.norm(self.rest)
        self._share = self._size / spread if spread > 0 else 0.0
        self.missed = float(self._share)

    def at(self, rows: slice) -> _Left:
        """The same on some of the samples."""
        return _Left(self._design[rows], self._target[rows], self._weights[rows])

    def without(self, *columns: Array) -> _Left:
        """The same with more columns in the matrix."""
        return _Left(np.column_stack([self._design, *columns]), self._target, self._weights)

    def beyond(self, columns: Array) -> Array:
        """What the matrix leaves of each of these columns, weighted."""
        columns = columns * self._weights[:, None]
        return columns - self._base @ (self._base.T @ columns)

    def missed_with(self, columns: Array, largest: float = _LARGEST_POWER) -> Array:
        """What would be left with each of these columns (n, m) more, as a share of the target's spread.

        Args:
            columns: Candidates.
            largest: Power that a column may have.
        """
        with np.errstate(all="ignore"):
            rest = self.beyond(columns)
            sizes = np.linalg.norm(rest, axis=0)
            along = self.rest @ rest / sizes
            power = along / sizes
            missed = self._share * np.sqrt(np.maximum(1 - (along / self._size) ** 2, 0))
            bad = ~np.isfinite(missed) | (np.abs(power) > largest)
            bad |= sizes < 1e-9 * np.linalg.norm((columns - columns.mean(0)) * self._weights[:, None], axis=0)
        return np.where(bad, np.inf, missed)


def _best(
    left: _Left, arguments: Arguments, factors: Sequence[Factor], most: int, costs: Array | None = None
) -> list[_Found]:
    """The functions and arguments that leave least, each argument once a function.

    Args:
        left: What is to be explained.
        arguments: Candidates.
        factors: Functions.
        most: Of each function.
        costs: Bits of each argument, where there is noise; a scale of its own costs more. They count as if the law left
            so much more. None to look at some samples only, and at nothing but what is left.
    """
    sizes = np.sqrt(np.mean(arguments.values**2, 0))
    thin = slice(None, None, 1 + len(arguments.values) // _SCANNED if costs is None else 1)
    left, values = left.at(thin), arguments.values[thin]
    bits = np.zeros(len(arguments)) if costs is None else costs
    scale_bits = 0.0 if costs is None else _SCALE_BITS
    found: list[_Found] = []
    for factor in factors:
        scales = [(scale / sizes, scale_bits) for scale in factor.scales]
        scales += [(own * arguments.units, 0.0) for own in factor.own]
        lowest, at = np.full(len(arguments), np.inf), np.zeros(len(arguments))
        for scale, more in scales:
            with np.errstate(all="ignore"):
                missed = left.missed_with(factor.curve(values, scale), factor.largest)
                missed = missed * 2 ** ((bits + more) / len(values))
            better = missed < lowest
            lowest, at = np.where(better, missed, lowest), np.where(better, scale, at)
        places = np.argsort(lowest)[:most]
        found += [
            _Found(float(lowest[p]), factor, int(p), float(at[p])) for p in places if np.isfinite(lowest[p])
        ]
    return sorted(found, key=lambda one: one.missed)


def _refined(left: _Left, arguments: Arguments, found: _Found) -> _Found:
    """The same with the best scale nearby, by golden section in its logarithm, and what it leaves."""
    v = arguments.values[:, found.place]

    def missed(shift: float) -> float:
        with np.errstate(all="ignore"):
            return float(
                left.missed_with(
                    found.factor.curve(v, found.scale * np.exp(shift))[:, None], found.factor.largest
                )[0]
            )

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


def _any_power(base: sympy.Expr) -> bool:
    """Whether a power of it is one of its kind: exp(v)^q is exp(q v)."""
    return isinstance(base, sympy.exp)


def _simple(power: float) -> sympy.Expr:
    """The nearest multiple of a half, or a third where that is far nearer."""
    half, third = round(2 * power) / 2, round(3 * power) / 3
    if abs(third - power) < 0.2 * abs(half - power):
        return sympy.Rational(round(3 * power), 3)
    return sympy.Rational(round(2 * power), 2)
