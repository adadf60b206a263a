"""Laws that are products: y = C u_1^p_1 ... u_d^p_d f_1(k_1 v_1)^q_1 f_2(k_2 v_2)^q_2.

In logarithms this is linear in the exponents. What log |y| leaves of the columns' logarithms is compared with what
log |f(k v)| leaves, for many functions f, arguments v and scales k at once: where the two are parallel the law is found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import sympy

from .allowed_functions import is_allowed
from .arguments import Arguments, of_monomials, of_pairs, of_ratios, powered, times
from .bank import SCALE_BITS, bank, best_pairs
from .factor import FACTORS, Factor, Found, log_size
from .left import Left
from .problem import Array, Problem, telling
from .proposal import Proposal

_FEW_COLUMNS = 5
_SECONDS = 6
_SINGLES, _REFINED, _PAIRS, _WRITTEN = 40, 24, 6, 5
_SCANNED = 100
_TURNS_OF_TWO = 3
_SAFE, _TRUSTED = 6.0, 3.0
_FEWEST = 20
_GOLDEN = (3 - 5**0.5) / 2


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
        logs = log_size(centre) + (some.y - centre) / centre
        weights = np.abs(centre) * some.roots if level else np.ones(len(logs))
        self._target = _Target(logs, weights / weights.max(), np.sign(centre))
        self._used = [place for place, fine in enumerate(some.nonzero) if fine]
        design = np.column_stack([np.ones(len(logs)), *map(log_size, some.x.T[self._used])])
        self._plain = Left(design, logs, self._target.weights)
        self._firsts: list[tuple[Found, Arguments]] = []

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

    def _order(self, found: Found, of: Arguments) -> tuple[float, int, float]:
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
        firsts = bank(self._plain, few, self._factors)
        costs = np.zeros(len(firsts))
        if self._level:
            ops = np.array([3.0 * sympy.count_ops(form) for form in few.forms])
            costs = np.array([ops[one.place] + (0.0 if one.own else SCALE_BITS) for one in firsts])
        pairs = best_pairs(self._plain, [self._column(few, one) for one in firsts], costs)
        found = [[firsts[one], firsts[other]] for _, one, other in pairs[:_REFINED]]
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

    def _refined(self, of: Arguments, both: list[Found]) -> list[Found]:
        """Scales of two functions by turns."""
        for _ in range(_TURNS_OF_TWO):
            for place in (0, 1):
                rest = self._plain.without(self._column(of, both[1 - place]))
                both[place] = _refined(rest, of, both[place])
        return both

    def _column(self, of: Arguments, found: Found) -> Array:
        with np.errstate(all="ignore"):
            return found.factor.curve(of.values[:, found.place], found.scale)

    def _written(
        self, found: Sequence[Found], arguments: Sequence[Arguments], missed: float
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
        design = np.column_stack([*map(log_size, columns), *curves, np.ones(len(logs))])
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


def _diverse(found: Sequence[Found]) -> list[Found]:
    """The best ones, and the best of each function: in noise many leave the same, and the simplest of them is the law."""
    firsts: dict[str, Found] = {}
    for one in found:
        firsts.setdefault(one.factor.name, one)
    best = found[: 2 * _WRITTEN]
    return [*best, *(one for one in firsts.values() if one not in best)]


class _Target(NamedTuple):
    """Logarithms of the targets' sizes, their weights and signs."""

    logs: Array
    weights: Array
    signs: Array


def _as_factor(found: Found, of: Arguments) -> tuple[sympy.Expr, Array]:
    """A function as an expression, with its signs; the negative of one that is negative throughout."""
    with np.errstate(all="ignore"):
        values = found.factor.value(found.scale * of.values[:, found.place])
    form = found.factor.form(sympy.Float(found.scale) * of.forms[found.place])
    below = bool((values < 0).all())
    return (-form, np.sign(-values)) if below else (form, np.sign(values))


def _few(problem: Problem) -> Arguments:
    return of_monomials(problem, (1, -1, 2), 3, 3).plus(of_ratios(problem, 2)).plus(of_pairs(problem))


def _many(problem: Problem) -> Arguments:
    degree = 5 if problem.x.shape[1] <= 5 else 4
    pairs = of_pairs(problem)
    found = of_monomials(problem, (1, -1, 2, -2), 4, degree).plus(pairs)
    found = found.plus(times(pairs, of_monomials(problem, (1, -1), 1, 1)))
    if problem.x.shape[1] > _FEW_COLUMNS:
        return found
    squares = powered(pairs, 2)
    return found.plus(squares).plus(times(squares, of_monomials(problem, (1, -1, 2, -2), 1, 2)))


def _best(
    left: Left, arguments: Arguments, factors: Sequence[Factor], most: int, costs: Array | None = None
) -> list[Found]:
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
    scale_bits = 0.0 if costs is None else SCALE_BITS
    found: list[Found] = []
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
            Found(float(lowest[p]), factor, int(p), float(at[p])) for p in places if np.isfinite(lowest[p])
        ]
    return sorted(found, key=lambda one: one.missed)


def _refined(left: Left, arguments: Arguments, found: Found) -> Found:
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
