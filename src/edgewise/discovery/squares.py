"""Quadratics with the square completed: a x^2 + b x + c is a (x - m)^2 + d."""

from __future__ import annotations

import sympy

_LOST = 1e-9  # of the number that is made up for, which rounding leaves of d


def with_squares(law: sympy.Expr) -> sympy.Expr | None:
    """A sum with squares completed, of any factor that terms have in common; None where no square goes with its line.

    Args:
        law: Any expression; only sums are changed.

    Example:
        >>> u, v = sympy.symbols("u v")
        >>> with_squares(v * u**2 - 4 * v * u + 4 * v + 1)
        v*(u - 2)**2 + 1
        >>> with_squares(u**2 + v)
    """
    if not law.is_Add:
        return None
    found = law
    for symbol in sorted(law.free_symbols, key=str):
        found = _centred(found, symbol)
    return None if found == law else found


def _centred(law: sympy.Expr, symbol: sympy.Symbol) -> sympy.Expr:
    """Squares of one symbol completed."""
    factors: dict[sympy.Expr, dict[int, sympy.Expr]] = {}
    others: list[sympy.Expr] = []
    for term in sympy.Add.make_args(law):
        number, rest = term.as_coeff_Mul()
        power = next((power for power in (2, 1) if not (rest / symbol**power).has(symbol)), 0)
        factor = rest / symbol**power
        if factor.has(symbol) or not number.is_Number:
            others.append(term)
        else:
            numbers = factors.setdefault(factor, {})
            numbers[power] = numbers.get(power, sympy.Integer(0)) + number
    return sympy.Add(*others, *(_square(factor, symbol, numbers) for factor, numbers in factors.items()))


def _square(factor: sympy.Expr, symbol: sympy.Symbol, numbers: dict[int, sympy.Expr]) -> sympy.Expr:
    square, line, rest = (numbers.get(power, sympy.Integer(0)) for power in (2, 1, 0))
    if square == 0 or line == 0:
        return factor * (square * symbol**2 + line * symbol + rest)
    middle = line / (2 * square)
    taken = square * middle**2
    left = rest - taken
    if abs(left) <= _LOST * abs(taken):
        left = sympy.Integer(0)
    return square * factor * (symbol + middle) ** 2 + left * factor
