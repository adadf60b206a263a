"""One number less in every quotient, product and power: c (a u + b v)^p is d (u + e v)^p."""

from __future__ import annotations

from typing import Any

import sympy

_HIGHEST = 30.0  # of the logarithm of a peak beside the value at 0: those far away are none


def gauge_fixed(law: sympy.Expr) -> sympy.Expr:
    """The same law with 1 in front of the first term of each sum that is a factor or a base.

    Of numbers that only their ratio matters the samples decide none, and a fit would wander.

    Example:
        >>> u, v = sympy.symbols("u v")
        >>> gauge_fixed(3.0 * u / (2.0 * u + 4.0 * v)), gauge_fixed(3.0 * sympy.exp(2.0 * u - 0.5 * u**2))
        (1.5*u/(u + 2.0*v), 22.1671682967919*exp(-0.5*(u - 2.0)**2))
    """
    if not law.args:
        return sympy.Integer(1) if law.is_Float and float(law) == 1 else law
    law = law.func(*map(gauge_fixed, law.args))
    if isinstance(law, sympy.Pow):
        factor, base = _leading(law.base, positive=not law.exp.is_Integer)
        return law if float(factor) == 1 or law.exp.free_symbols else _power(factor, law.exp) * base**law.exp
    if isinstance(law, sympy.Mul):
        pairs = [_leading(part, positive=False) for part in law.args]
        whole = sympy.Mul(*(factor for factor, _ in pairs), *(part for _, part in pairs))
        return _centred(whole)
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


def _centred(product: sympy.Expr) -> sympy.Expr:
    """A number times exponentials, with squares completed: c exp(a x^2 + b x) is d exp(a (x - m)^2)."""
    if not product.is_Mul or not product.args[0].is_Float:
        return product
    factors = [
        _square(part) if isinstance(part, sympy.exp) else (sympy.Integer(1), part) for part in product.args
    ]
    return sympy.Mul(*(number for number, _ in factors), *(part for _, part in factors))


def _square(exponential: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr]:
    """A number, and the exponential of the rest."""
    total, number = sympy.expand(exponential.args[0]), sympy.Integer(0)
    for symbol in sorted(total.free_symbols, key=str):
        curved, sloped = total.coeff(symbol, 2), total.coeff(symbol, 1)
        rest = total - curved * symbol**2 - sloped * symbol
        if rest.has(symbol) or not (curved.is_Float and sloped.is_number):
            continue
        middle = -sloped / (2 * curved)
        height = -curved * middle**2
        if abs(height) < _HIGHEST:
            total, number = rest + curved * (symbol - middle) ** 2, number + height
    if number == 0:
        return sympy.Integer(1), exponential
    return sympy.exp(number), sympy.exp(total)


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
