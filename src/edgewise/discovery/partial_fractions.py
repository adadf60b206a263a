"""A quotient as a sum of simpler ones."""

from __future__ import annotations

import sympy

from .gauge import gauge_fixed
from .judge import complexity

_LONG = 60  # parts, from which no short sum is to be hoped for


def in_partial_fractions(law: sympy.Expr) -> sympy.Expr | None:
    """A quotient in partial fractions of the column that its denominator is a product in; None for others.

    Args:
        law: Any expression.

    Example:
        >>> u, v = sympy.symbols("u v")
        >>> in_partial_fractions((2.0 * u * v**2 + 3.0 * v - 1.5) / (v**2 * (v - 0.5)))
        4*u/(2*v - 1) + 3/v**2
        >>> in_partial_fractions(u / (v - 0.5))
    """
    if complexity(law) > _LONG:
        return None
    factors = sympy.Mul.make_args(sympy.denom(sympy.together(law)))
    parts = [factor for factor in factors if factor.free_symbols]
    symbols = {symbol for part in parts for symbol in part.free_symbols}
    if len(parts) < 2 or len(symbols) != 1:
        return None
    symbol = symbols.pop()
    if not all(part.is_polynomial(symbol) for part in parts):
        return None
    exact = {number: sympy.Rational(float(number)) for number in law.atoms(sympy.Float)}
    try:
        found = sympy.apart(law.xreplace(exact), symbol)
    except (NotImplementedError, sympy.PolynomialError):
        return None
    return gauge_fixed(_with_floats(found)) if found.is_Add else None


def _with_floats(total: sympy.Expr) -> sympy.Expr:
    """Long fractions as numbers with a point."""
    long = {
        n: sympy.Float(float(n)) for n in total.atoms(sympy.Rational) if not n.is_Integer or abs(n.p) > 1000
    }
    return total.xreplace(long)
