"""What stands inside of functions: monomials, sums and differences of columns, and angles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import sympy

from .allowed_functions import is_allowed
from .monomials import monomial_form, monomial_values, monomials
from .problem import Array, Problem

_LARGEST_ANGLE = 10.0
_FEW_ANGLES, _MOST_ANGLES = 3, 4


@dataclass(frozen=True)
class Arguments:
    """Candidates for an argument v.

    Attributes:
        values: Shape (n, candidates).
        forms: The same as sympy expressions in the scaled columns.
        units: k for which k v is v in the columns' own units, (candidates,).
    """

    values: Array
    forms: tuple[sympy.Expr, ...]
    units: Array

    def __len__(self) -> int:
        """Count the candidates."""
        return len(self.forms)

    def plus(self, other: Arguments) -> Arguments:
        """Those of both."""
        return Arguments(
            np.concatenate([self.values, other.values], 1),
            (*self.forms, *other.forms),
            np.concatenate([self.units, other.units]),
        )

    def finite(self) -> Arguments:
        """Those that are finite and vary on all samples."""
        with np.errstate(all="ignore"):
            spread = self.values.max(0) - self.values.min(0)
            kept = np.isfinite(self.values).all(0) & (spread > 1e-9 * np.abs(self.values).max(0))
        return Arguments(
            self.values[:, kept],
            tuple(f for f, k in zip(self.forms, kept, strict=True) if k),
            self.units[kept],
        )


def of_monomials(
    problem: Problem, powers: tuple[float, ...], most_columns: int, most_degree: float
) -> Arguments:
    """Products of powers of columns."""
    exponents = monomials(problem.x.shape[1], powers, most_columns, most_degree)
    values = monomial_values(problem.x, exponents)
    forms = tuple(monomial_form(problem.symbols, one) for one in exponents)
    units = np.prod(problem.x_scale ** np.asarray(exponents), axis=1)
    return Arguments(values, forms, units).finite()


def of_ratios(problem: Problem, power: float) -> Arguments:
    """A power of the ratio of each two columns: 1 + (v/u)^2 is what the length sqrt(u^2 + v^2) has beside u."""
    columns = problem.x.shape[1]
    exponents = [
        tuple(power * ((place == j) - (place == i)) for place in range(columns))
        for i, j in combinations(range(columns), 2)
        if problem.nonzero[i] and problem.nonzero[j]
    ]
    if not exponents:
        return _none(problem)
    forms = tuple(monomial_form(problem.symbols, one) for one in exponents)
    units = np.prod(problem.x_scale ** np.asarray(exponents), axis=1)
    return Arguments(monomial_values(problem.x, exponents), forms, units).finite()


def of_pairs(problem: Problem) -> Arguments:
    """Sums and differences of two columns, in their own units."""
    columns, values, forms = problem.x.shape[1], [], []
    for i, j in combinations(range(columns), 2):
        ratio = problem.x_scale[j] / problem.x_scale[i]
        for sign in (1.0, -1.0):
            values.append(problem.x[:, i] + sign * ratio * problem.x[:, j])
            forms.append(problem.symbols[i] + _number(sign * ratio) * problem.symbols[j])
    scales = [problem.x_scale[i] for i, _ in combinations(range(columns), 2) for _ in range(2)]
    if not forms:
        return _none(problem)
    return Arguments(np.stack(values, 1), tuple(forms), np.array(scales)).finite()


def times(first: Arguments, second: Arguments) -> Arguments:
    """Products of one of each."""
    values = first.values[:, :, None] * second.values[:, None, :]
    forms = tuple(one * two for one in first.forms for two in second.forms)
    units = (first.units[:, None] * second.units[None]).ravel()
    return Arguments(values.reshape(len(values), -1), forms, units).finite()


def powered(of: Arguments, power: int) -> Arguments:
    """Powers of arguments."""
    return Arguments(of.values**power, tuple(form**power for form in of.forms), of.units**power).finite()


def angles(problem: Problem) -> list[int]:
    """Columns that may be angles by their size."""
    sizes = np.abs(problem.x).max(0) * problem.x_scale
    return [column for column, size in enumerate(sizes.tolist()) if 0.1 < size <= _LARGEST_ANGLE]


def waves(problem: Problem, of: Arguments) -> Arguments:
    """Sines and cosines of arguments in their own units."""
    inner = of.values * of.units
    forms = [unit_form(form, unit) for form, unit in zip(of.forms, of.units.tolist(), strict=True)]
    pairs = [
        (numbers(inner[:, place]), wave(form))
        for place, form in enumerate(forms)
        for numbers, wave in ((np.cos, sympy.cos), (np.sin, sympy.sin))
        if is_allowed(wave, problem.functions)
    ]
    values = np.array([one for one, _ in pairs]).reshape(len(pairs), len(inner)).T
    return Arguments(values, tuple(form for _, form in pairs), np.ones(len(pairs))).finite()


def waves_of(problem: Problem) -> Arguments:
    """Sines and cosines of single columns that may be angles, and of the differences of two if these are few."""
    places = angles(problem)
    names = tuple(problem.names[p] for p in places)
    few = replace(problem, x=problem.x[:, places], names=names, x_scale=problem.x_scale[places])
    single = Arguments(few.x, few.symbols, few.x_scale)
    return waves(problem, single.plus(of_pairs(few)) if len(places) <= _FEW_ANGLES else single)


def products_of_waves(problem: Problem) -> Arguments:
    """A sine or cosine of each of two or three columns that may be angles, if these are few, and of differences of two."""
    places = angles(problem)
    if not 2 <= len(places) <= _MOST_ANGLES:
        return Arguments(np.empty((len(problem.y), 0)), (), np.empty(0))
    names = tuple(problem.names[p] for p in places)
    few = replace(problem, x=problem.x[:, places], names=names, x_scale=problem.x_scale[places])
    each = [
        waves(few, chosen(Arguments(few.x, few.symbols, few.x_scale), [place]))
        for place in range(len(places))
    ]
    found = waves(few, of_pairs(few))
    for count in (2, 3):
        for group in combinations(each, count):
            product = group[0]
            for one in group[1:]:
                product = times(product, one)
            found = found.plus(product)
    return found


def _none(problem: Problem) -> Arguments:
    return Arguments(np.empty((len(problem.y), 0)), (), np.empty(0))


def unit_form(form: sympy.Expr, factor: float) -> sympy.Expr:
    """A form times a number."""
    return _number(factor) * form


def chosen(of: Arguments, places: Sequence[int]) -> Arguments:
    """Those at these places."""
    return Arguments(of.values[:, list(places)], tuple(of.forms[p] for p in places), of.units[list(places)])


def _number(value: float) -> sympy.Expr:
    """A number as sympy has it, whole where it is."""
    return sympy.Integer(int(value)) if float(value).is_integer() and abs(value) < 1e6 else sympy.Float(value)
