"""Products of powers of columns, by their exponents."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations, product

import numpy as np
import sympy

from .problem import Array

Exponents = tuple[float, ...]


@lru_cache(maxsize=256)
def monomials(
    columns: int, powers: tuple[float, ...], most_columns: int, most_degree: float
) -> tuple[Exponents, ...]:
    """Exponents of monomials, the simplest first, 1 itself left out.

    Args:
        columns: How many there are.
        powers: Exponents that a column may have.
        most_columns: In one monomial.
        most_degree: Largest sum of the exponents' sizes.

    Example:
        >>> monomials(2, (1, -1), 2, 2)[:2]
        ((1, 0.0), (0.0, 1))
    """
    found: list[Exponents] = []
    for count in range(1, min(columns, most_columns) + 1):
        for places in combinations(range(columns), count):
            for chosen in product(powers, repeat=count):
                if sum(map(abs, chosen)) <= most_degree:
                    exponents = [0.0] * columns
                    for place, power in zip(places, chosen, strict=True):
                        exponents[place] = power
                    found.append(tuple(exponents))
    return tuple(sorted(found, key=_order))


def _order(exponents: Exponents) -> tuple[float, int]:
    return (
        sum(abs(p) + (0.5 if p < 0 else 0.0) + (0.5 if p % 1 else 0.0) for p in exponents),
        sum(p != 0 for p in exponents),
    )


def monomial_values(x: Array, exponents: Sequence[Exponents]) -> Array:
    """Values (n, monomials); NaN or infinity where there is none."""
    table = np.asarray(exponents, dtype=np.float64)
    values = np.ones((len(x), len(table)))
    with np.errstate(all="ignore"):
        for column in range(x.shape[1]):
            for power in np.unique(table[:, column]):
                if power != 0:
                    values[:, table[:, column] == power] *= (x[:, column] ** power)[:, None]
    return values


def monomial_form(symbols: Sequence[sympy.Expr], exponents: Exponents) -> sympy.Expr:
    """A monomial as a sympy expression.

    Example:
        >>> x, y = sympy.symbols("x y")
        >>> monomial_form([x, y], (2, -0.5))
        x**2/sqrt(y)
    """
    factors = zip(symbols, exponents, strict=True)
    return sympy.Mul(*(symbol ** sympy.Rational(p).limit_denominator(12) for symbol, p in factors if p != 0))


@lru_cache(maxsize=64)
def polynomial_exponents(columns: int, degree: int) -> tuple[Exponents, ...]:
    """Exponents of all monomials up to a total degree, 1 first.

    Example:
        >>> len(polynomial_exponents(3, 2))
        10
    """
    return tuple(
        sorted(_degrees(columns, degree), key=lambda exponents: (sum(exponents), [-p for p in exponents]))
    )


def _degrees(columns: int, degree: int) -> list[Exponents]:
    if columns == 0:
        return [()]
    return [(float(p), *rest) for p in range(degree + 1) for rest in _degrees(columns - 1, degree - p)]
