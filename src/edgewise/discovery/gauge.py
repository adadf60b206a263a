"""One number less in every quotient, product and power: c (a u + b v)^p is d (u + e v)^p."""

from __future__ import annotations

from typing import Any

import sympy


def gauge_fixed(law: sympy.Expr) -> sympy.Expr:
    """The same law with 1 in front of the first term of each sum that is a factor or a base.

    Of numbers that only their ratio matters the samples decide none, and a fit would wander.

    Example:
        >>> u, v = sympy.symbols("u v")
        >>> gauge_fixed(3.0 * u / (2.0 * u + 4.0 * v))
        1.5*u/(u + 2.0*v)
    """
    if not law.args:
        return sympy.Integer(1) if law.is_Float and float(law) == 1 else law
    law = law.func(*map(gauge_fixed, law.args))
    if isinstance(law, sympy.Pow):
        factor, base = _leading(law.base, positive=not law.exp.is_Integer)
        return law if float(factor) == 1 or law.exp.free_symbols else _power(factor, law.exp) * base**law.exp
    if isinstance(law, sympy.Mul):
        pairs = [_leading(part, positive=False) for part in law.args]
        return sympy.Mul(*(factor for factor, _ in pairs), *(part for _, part in pairs))
    return law


def led(law: sympy.Expr) -> sympy.Expr | None:
    """A sum as the number in front of its first term times the rest; None for others.

    Terms of the same number, or of numbers in a simple ratio, show as such then.

    Example:
        >>> u, v = sympy.symbols("u v")
        >>> led(2.0 * u - 3.0 * v)
        2.0*(u - 1.5*v)
    """
    factor, rest = _leading(law, positive=False)
    if not factor.is_Float or not rest.atoms(sympy.Float):
        return None
    return sympy.Mul(factor, rest, evaluate=False)


def _leading(part: sympy.Expr, positive: bool) -> tuple[sympy.Expr, sympy.Expr]:
    """The number in front of the first term of a sum, or its size, and the sum without it.

    A bare number comes last: it may be 0, and what was divided by it could not be.
    """
    if not isinstance(part, sympy.Add):
        return sympy.Integer(1), part
    terms = sorted(part.args, key=_place)
    factor = next(
        (term.as_coeff_Mul()[0] for term in terms if term.as_coeff_Mul()[0].is_Float), sympy.Integer(1)
    )
    factor = abs(factor) if positive else factor
    if float(factor) in (0.0, 1.0):
        return sympy.Integer(1), part
    return factor, sympy.Add(*(_divided(term, factor) for term in part.args))


def _place(term: sympy.Expr) -> tuple[bool, Any]:
    rest = term.as_coeff_Mul()[1]
    return bool(rest.is_number), sympy.default_sort_key(rest)


def _divided(term: sympy.Expr, factor: sympy.Expr) -> sympy.Expr:
    number, rest = term.as_coeff_Mul()
    number = number / factor
    return rest if float(number) == 1 else -rest if float(number) == -1 else number * rest


def _power(factor: sympy.Expr, exponent: sympy.Expr) -> sympy.Expr:
    value = factor**exponent
    return value if value.is_Float else sympy.Float(value)
