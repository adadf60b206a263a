"""Laws that are polynomials, or quotients of two, in the columns and a few functions of them, after a change of y.

T(y) P is compared with all polynomials of a degree at once: one QR decomposition serves thousands of transforms T of the
targets and monomials P. Where p(u) - T(y) q(u) = 0 has a solution, T(y) is the quotient p / q.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import sympy

from .allowed_functions import is_allowed
from .arguments import Arguments, angles, chosen, of_monomials, of_pairs, times, waves
from .monomials import Exponents, monomial_form, monomial_values, monomials, polynomial_exponents
from .problem import Array, Problem
from .proposal import Proposal, combined
from .transforms import Transform, transforms

_MOST_TERMS = 130
_FEW_COLUMNS = 3
_MOST_ANGLES = 4
_LARGEST_TURN = 200
_MOST_IN_QUOTIENTS = 70
_NULL = 1e-10
_CERTAINLY_NOT = 1e-12
_FINE = 1e-5  # noise that leaves quotients what they are
_KEPT, _SHORTEST, _ROUGH = 4, 2, 6
_EARNED = 0.95  # more variables must leave so much less than fewer did


@dataclass(frozen=True)
class _Basis:
    """All monomials up to a degree of some arguments, at the samples."""

    of: Arguments
    exponents: tuple[Exponents, ...]
    values: Array

    @classmethod
    def up_to(cls, of: Arguments, degree: int) -> _Basis:
        exponents = polynomial_exponents(len(of), degree)
        return cls(of, exponents, monomial_values(of.values, exponents))

    def form(self, coefficients: Array) -> sympy.Expr:
        """A polynomial of them."""
        return combined(coefficients, (monomial_form(self.of.forms, one) for one in self.exponents))


@dataclass(frozen=True)
class _Match:
    """A transform of the targets, times a monomial, that is nearly a polynomial."""

    missed: float
    basis: _Basis
    transform: Transform
    prefactor: Exponents
    multiple: Array


def relations(problem: Problem, variables: Iterable[Arguments]) -> Iterator[Proposal]:
    """Polynomials and quotients of each of several sets of variables, for many changes of the targets.

    Those that are exact, or within the noise, come at once; after the last set, where there is noise, the best others.
    """
    some = problem.some
    rough: list[_Match] = []
    for of in variables:
        matches = _polynomials(some, of)
        bar = min([problem.tolerance, *(_EARNED * match.missed for match in rough[:1])])
        right = sorted(
            (_written(some, match) for match in matches if match.missed < bar),
            key=lambda one: sympy.count_ops(one.form),
        )
        yield from right[:_SHORTEST]
        yield from _quotients(
            some, of, (1, 2, 3, 4) if len(of) <= max(len(problem.names), _FEW_COLUMNS) else (1, 2)
        )
        if problem.noise:
            rough = sorted([*rough, *matches], key=lambda match: match.missed)[:_ROUGH]
    yield from (_written(some, match) for match in rough if match.missed >= problem.tolerance)


def plain_variables(problem: Problem) -> Iterator[Arguments]:
    """The columns themselves."""
    yield of_monomials(problem.some, (1,), 1, 1)


def variables_and_waves(problem: Problem, turns: Sequence[float] = (1.0,)) -> Iterator[Arguments]:
    """The columns and a sine or cosine of angles among them, of differences and products, times each of some numbers."""
    some = problem.some
    columns, wave = of_monomials(some, (1,), 1, 1), _waves(some, turns)
    for place in range(len(wave)):
        yield columns.plus(chosen(wave, [place]))


def waves_alone(problem: Problem) -> Iterator[Arguments]:
    """Sines and cosines of all columns that may be angles, where there are two to four of these."""
    some = problem.some
    columns = of_monomials(some, (1,), 1, 1)
    places = [place for place in angles(some) if place < len(columns)]
    if 2 <= len(places) <= _MOST_ANGLES:
        yield waves(some, chosen(columns, places))


def roots_of_variables(problem: Problem) -> Iterator[Arguments]:
    """Square roots of the columns, alone and with a wave."""
    some = problem.some
    if not all(problem.positive) or not is_allowed(sympy.sqrt, problem.functions):
        return
    roots, wave = of_monomials(some, (0.5,), 1, 1), _waves(some)
    yield roots
    for place in range(len(wave)):
        yield roots.plus(chosen(wave, [place]))


def _waves(problem: Problem, turns: Sequence[float] = (1.0,)) -> Arguments:
    columns, pairs = of_monomials(problem, (1,), 1, 1), of_pairs(problem)
    single = chosen(columns, [place for place in angles(problem) if place < len(columns)])
    both = columns if len(problem.names) <= _FEW_COLUMNS else single
    inner = single.plus(pairs).plus(times(both, both)).plus(times(pairs, columns))
    found = waves(problem, _turning(inner, turns[0]))
    for turn in turns[1:]:
        found = found.plus(waves(problem, _turning(single.plus(pairs), turn)))
    return found


def _turning(of: Arguments, turn: float) -> Arguments:
    """Arguments times a number, those that turn neither too little nor too much."""
    more = Arguments(of.values, of.forms, turn * of.units)
    sizes = np.abs(more.values * more.units).max(0)
    return chosen(more, [place for place, size in enumerate(sizes.tolist()) if 0.1 < size < _LARGEST_TURN])


def _polynomials(problem: Problem, of: Arguments) -> list[_Match]:
    degree = max(d for d in (1, 2, 3, 4) if d == 1 or len(polynomial_exponents(len(of), d)) <= _MOST_TERMS)
    basis = _Basis.up_to(of, degree)
    q = np.linalg.qr(basis.values / np.linalg.norm(basis.values, axis=0))[0]
    columns = problem.x.shape[1]
    plain = len(of) <= columns
    most = (4 if columns < 10 else 2) if plain else 3
    prefactors = ((0.0,) * columns, *monomials(columns, _prefactor_powers(columns, plain), most, most))
    multiples = monomial_values(problem.x, prefactors)
    found = []
    for transform in transforms(problem):
        with np.errstate(all="ignore"):
            targets = transform.there(problem.y)[:, None] * multiples
            rest = targets - q @ (q.T @ targets)
            missed = problem.roots[:, None] * rest / (transform.slope(problem.y)[:, None] * multiples)
            shares = (
                np.sqrt(np.mean(missed**2, 0) / (1 - len(basis.exponents) / len(missed))) / problem.spread
            )
        shares = np.where(np.isfinite(shares), shares, np.inf)
        found += [
            _Match(float(shares[p]), basis, transform, prefactors[p], multiples[:, p])
            for p in np.argsort(shares, kind="stable")[:_KEPT]
        ]
    return found


def _prefactor_powers(columns: int, plain: bool) -> tuple[float, ...]:
    if columns <= _FEW_COLUMNS:
        return (1, -1, 2, -2, 3)
    return (1, -1, 2) if plain else (1, -1)


def _written(problem: Problem, match: _Match) -> Proposal:
    """A match with as few terms as do."""
    slope = match.transform.slope(problem.y) * match.multiple
    allowed = problem.tolerance * problem.spread
    target = match.transform.there(problem.y) * match.multiple
    coefficients = sparse(match.basis.values, target, problem.roots / np.abs(slope), allowed)
    below = monomial_form(problem.symbols, match.prefactor)
    return Proposal(match.transform.back(match.basis.form(coefficients) / below), match.missed, "polynomials")


def sparse(values: Array, target: Array, weight: Array, allowed: float) -> Array:
    """Coefficients of few columns that miss a target by no more than allowed: the least ones go, again and again."""
    left, right = values * weight[:, None], target * weight
    scale = np.linalg.norm(left, axis=0)
    left = left / scale
    used = np.arange(left.shape[1])
    kept = np.linalg.lstsq(left, right, rcond=1e-13)[0]
    least = np.sqrt(np.mean((right - left @ kept) ** 2))
    limit = max(1.1 * least, allowed)
    batch = len(used) // 2
    while batch and len(used) > 1:
        trial = np.delete(used, np.argsort(np.abs(kept))[: min(batch, len(used) - 1)])
        again = np.linalg.lstsq(left[:, trial], right, rcond=1e-13)[0]
        if np.sqrt(np.mean((right - left[:, trial] @ again) ** 2)) > limit:
            batch //= 2
            continue
        used, kept = trial, again
        batch = min(batch, max(1, len(used) // 2))
    coefficients = np.zeros(values.shape[1])
    coefficients[used] = kept / scale[used]
    return coefficients


def _quotients(problem: Problem, of: Arguments, degrees: Sequence[int]) -> Iterator[Proposal]:
    for transform in transforms(problem)[:4]:
        y = transform.there(problem.y)
        for degree in degrees:
            if len(polynomial_exponents(len(of), degree)) > _MOST_IN_QUOTIENTS:
                break
            basis = _Basis.up_to(of, degree)
            relation = _null_vector(basis.values, y, problem.noise if problem.noise < _FINE else 0.0)
            if relation is not None:
                above, below = basis.form(relation[0]), basis.form(relation[1])
                yield Proposal(transform.back(above / below), 0.0, "quotients")
                break


def _null_vector(values: Array, y: Array, noise: float) -> tuple[Array, Array] | None:
    """Sparse p and q with p(u) = y q(u) to rounding, or to so small a noise; None where there are none."""
    columns = np.concatenate([values, -y[:, None] * values], 1)
    scale = np.linalg.norm(columns, axis=0)
    if not (np.isfinite(scale) & (scale > 0)).all():
        return None
    gram = (columns / scale).T @ (columns / scale)
    if np.linalg.eigvalsh(gram)[0] > max(_CERTAINLY_NOT, noise**2):
        return None
    _, sizes, right = np.linalg.svd(columns / scale, full_matrices=False)
    null = right[sizes < max(_NULL, noise) * sizes[0]]
    if not len(null) or len(null) > len(scale) // 2:
        return None
    vector = sparsest(null) / scale
    vector = np.where(np.abs(vector * scale) > 1e-6 * np.abs(vector * scale).max(), vector, 0.0)
    above, below = vector[: values.shape[1]], vector[values.shape[1] :]
    if not above.any() or not below.any():
        return None
    largest = below[np.abs(below).argmax()]
    return above / largest, below / largest


def sparsest(null: Array) -> Array:
    """A vector of few entries in the span of rows: the best of their reduced echelon form, from either side.

    Example:
        >>> np.abs(sparsest(np.array([[1.0, 1.0, 1.0], [1.0, 1.0, -1.0]]))).tolist()
        [0.0, 0.0, 1.0]
    """
    rows = []
    for order in (slice(None), slice(None, None, -1)):
        reduced = null[:, order].copy()
        pivot = 0
        for column in range(reduced.shape[1]):
            if pivot == len(reduced):
                break
            at = pivot + int(np.abs(reduced[pivot:, column]).argmax())
            if abs(reduced[at, column]) < 1e-7:
                reduced[pivot:, column] = 0
                continue
            reduced[[pivot, at]] = reduced[[at, pivot]]
            reduced[pivot] /= reduced[pivot, column]
            others = np.arange(len(reduced)) != pivot
            reduced[others] -= reduced[others, column][:, None] * reduced[pivot]
            pivot += 1
        rows += list(reduced[:, order])
    counts = [int(np.sum(np.abs(row) > 1e-6 * np.abs(row).max())) for row in rows]
    return rows[int(np.argmin(counts))]
