"""Laws that solve a quadratic equation: p(u) y^2 + q(u) y + r(u) = 0 with polynomials p, q and r.

Roots of polynomials inside of sums and quotients are such laws: the formula of the quadratic equation itself, and
(sqrt(p) + q) / r. The equation is what the samples leave no doubt about, a combination of the monomials times 1, y and
y^2 that is 0; which of its two solutions the law is, the targets say.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import sympy

from .allowed_functions import is_allowed
from .compiled import compiled, complex_values
from .monomials import Exponents, monomial_values, polynomial_exponents
from .problem import Array, Problem
from .proposal import Proposal
from .relations import sparsest

_MOST_TERMS = 40  # of each polynomial
_NULL = 1e-11
_MOST_RELATIONS = 12
_SMALL = 1e-7  # of the largest coefficient, which is none
_LARGEST_DENOMINATOR, _NEAR = 256, 1e-9
_RIGHT = 1e-6


def quadratics(problem: Problem) -> Iterator[Proposal]:
    """The solution of the equation of lowest degree, for samples without noise.

    Args:
        problem: Samples.
    """
    if not is_allowed(sympy.sqrt, problem.functions):
        return
    for degree in (1, 2, 3, 4):
        count = math.comb(problem.x.shape[1] + degree, degree)
        if count > min(_MOST_TERMS, len(problem.y) // 4):
            return
        exponents = polynomial_exponents(problem.x.shape[1], degree)
        equation = _equation(monomial_values(problem.x, exponents), problem.y)
        if equation is not None:
            for form in _solutions(_polynomials(equation, exponents, problem.symbols)):
                values = complex_values(compiled(problem.symbols, [form]), problem.x)
                if np.abs(values - problem.y).max() < _RIGHT * np.abs(problem.y).max():
                    yield Proposal(form, 0.0, "quadratics")
            return


def _equation(values: Array, y: Array) -> Array | None:
    """Coefficients (3, terms) of y^2, y and 1; None where the samples have no such equation, or one without y^2."""
    columns = np.concatenate([values * y[:, None] ** power for power in (2, 1, 0)], 1)
    scale = np.linalg.norm(columns, axis=0)
    if not (np.isfinite(scale) & (scale > 0)).all():
        return None
    _, sizes, right = np.linalg.svd(columns / scale, full_matrices=False)
    null = right[sizes < _NULL * sizes[0]]
    if not 0 < len(null) <= _MOST_RELATIONS:
        return None
    vector = sparsest(null)
    vector = np.where(np.abs(vector) > _SMALL * np.abs(vector).max(), vector, 0.0) / scale
    equation = (vector / np.abs(vector).max()).reshape(3, -1)
    return equation if equation[0].any() and equation[2].any() else None


def _polynomials(
    equation: Array, exponents: tuple[Exponents, ...], symbols: tuple[sympy.Symbol, ...]
) -> list[sympy.Poly]:
    """Of y^2, y and 1, with fractions for coefficients where all are near to simple ones."""
    ratios = [Fraction(one).limit_denominator(_LARGEST_DENOMINATOR) for one in equation.ravel().tolist()]
    exact = np.array([float(one) for one in ratios]).reshape(equation.shape)
    simple = bool(np.abs(exact - equation).max() < _NEAR)
    numbers = [sympy.Rational(one.numerator, one.denominator) for one in ratios]
    if not simple:
        numbers = [sympy.Float(one) for one in equation.ravel().tolist()]
    places = [tuple(map(int, one)) for one in exponents]
    rows = [numbers[start : start + len(places)] for start in range(0, len(numbers), len(places))]
    domain = sympy.QQ if simple else sympy.RR
    return [
        sympy.Poly.from_dict(dict(zip(places, row, strict=True)), *symbols, domain=domain) for row in rows
    ]


def _solutions(polynomials: list[sympy.Poly]) -> list[sympy.Expr]:
    """Both, with squares taken out of the root as they are: their signs may change among the samples."""
    p, q, r = polynomials
    below = q**2 - 4 * p * r
    if p.domain.is_Exact:
        number, factors = below.sqf_list()
    else:
        largest = max(map(abs, below.coeffs()))
        kept = {place: n for place, n in below.terms() if abs(n) > _SMALL * largest}
        common, rest = sympy.Poly.from_dict(kept, *below.gens, domain=below.domain).terms_gcd()
        powers = zip(below.gens, common, strict=True)
        number, factors = 1, [(rest, 1), *((sympy.Poly(one, *below.gens), power) for one, power in powers)]
    outside = sympy.Mul(*(one.as_expr() ** (power // 2) for one, power in factors))
    inside = number * sympy.Mul(*(one.as_expr() ** (power % 2) for one, power in factors))
    plain = sympy.cancel(-q.as_expr() / (2 * p.as_expr()))
    root = sympy.cancel(outside / (2 * p.as_expr())) * sympy.sqrt(inside)
    return [_with_floats(plain + sign * root) for sign in (1, -1)]


def _with_floats(form: sympy.Expr) -> sympy.Expr:
    """Coefficients are what a fit may change; exponents are not."""
    if not form.args:
        return sympy.Float(form) if form.is_Rational and abs(form) != 1 else form
    if form.is_Pow:
        return _with_floats(form.base) ** form.exp
    return form.func(*map(_with_floats, form.args))
