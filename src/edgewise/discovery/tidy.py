"""The shortest way to write a law."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import sympy
from sympy.simplify.fu import TR8

from .._tensors import even_places
from .compiled import compiled, complex_values
from .judge import complexity
from .problem import Array
from .squares import with_squares

_SAME = 1e-12
_IDLE = 1e-12
_COMPARED = 50
_LONG = 80  # parts, from which rules take long and no law is expected


def without_idle_parts(law: sympy.Expr, symbols: Sequence[sympy.Symbol], x: Array) -> sympy.Expr:
    """Leave out what is lost in rounding at all samples: terms beside the others of their sum, and how factors vary.

    Args:
        law: Any expression of the symbols.
        symbols: A symbol a column.
        x: Samples (n, columns).

    Example:
        >>> a = sympy.Symbol("a")
        >>> without_idle_parts(1 + 1e15 * sympy.exp(a), [a], np.ones((5, 1)))
        1.0e+15*exp(a)
        >>> without_idle_parts(3.0 * a**1e-15 / (1 + a), [a], np.linspace(1, 2, 5)[:, None])
        3.0/(a + 1)
    """
    rows = x[even_places(len(x), _COMPARED).numpy()]
    for whole in [part for part in sympy.postorder_traversal(law) if part.atoms(sympy.Float)]:
        if whole.is_Add:
            sizes = [np.abs(complex_values(compiled(symbols, [term]), rows)) for term in whole.args]
            largest = np.max(sizes, axis=0)
            kept = [
                term for term, size in zip(whole.args, sizes, strict=True) if (size > _IDLE * largest).any()
            ]
        elif whole.is_Mul:
            kept = [_steady(factor, symbols, rows) for factor in whole.args]
        else:
            continue
        shorter = law.xreplace({whole: whole.func(*kept)}) if kept else law
        law = shorter if shorter != law and _equal(shorter, law, symbols, x) else law
    return law


def _steady(factor: sympy.Expr, symbols: Sequence[sympy.Symbol], rows: Array) -> sympy.Expr:
    """The number that a power or exponential is at all samples; itself if it varies."""
    if not (factor.is_Pow or isinstance(factor, sympy.exp)) or not factor.atoms(sympy.Float) or len(rows) < 2:
        return factor
    values = complex_values(compiled(symbols, [factor]), rows)
    middle = values.mean()
    if not np.isfinite(middle) or middle.imag or np.abs(values - middle).max() > _IDLE * abs(middle):
        return factor
    return sympy.Float(middle.real)


def tidied(law: sympy.Expr, symbols: Sequence[sympy.Symbol], x: Array) -> sympy.Expr:
    """An equal expression of few parts, of one that is not long already; columns that are positive in all samples are known to be so.

    Args:
        law: Any expression of the symbols.
        symbols: A symbol a column.
        x: Samples (n, columns).
    """
    if complexity(law) > _LONG:
        return law
    known = {
        symbol: sympy.Dummy(symbol.name, positive=True)
        if (column > 0).all()
        else sympy.Dummy(symbol.name, real=True)
        for symbol, column in zip(symbols, x.T, strict=True)
    }
    back = {dummy: symbol for symbol, dummy in known.items()}
    plain = law.xreplace(known)
    best = law
    for rule in (
        _unchanged,
        sympy.factor_terms,
        sympy.together,
        _cancelled,
        sympy.expand,
        _radicals,
        _waves,
        _squares,
    ):
        try:
            found = rule(plain).xreplace(back)
        except (ValueError, TypeError, NotImplementedError, sympy.PolynomialError):
            continue
        if complexity(found) < complexity(best) and _equal(found, law, symbols, x):
            best = found
    return best


def _unchanged(law: sympy.Expr) -> sympy.Expr:
    return law


def _cancelled(law: sympy.Expr) -> sympy.Expr:
    return sympy.factor_terms(sympy.cancel(law))


def _waves(law: sympy.Expr) -> sympy.Expr:
    """Products and powers of waves as sums of waves: 3 sin(x) - 4 sin(x)^3 is sin(3 x)."""
    if not law.has(sympy.sin, sympy.cos):
        return law
    return sympy.expand(TR8(law))


def _squares(law: sympy.Expr) -> sympy.Expr:
    return with_squares(sympy.expand(law)) or law


def _radicals(law: sympy.Expr) -> sympy.Expr:
    """Numerators and denominators under one root: a / (b sqrt(a^2/b^2 - 1)) is a / sqrt(a^2 - b^2)."""
    return sympy.powsimp(
        sympy.powdenest(
            sympy.together(law).replace(
                lambda e: e.is_Pow and not e.exp.is_Integer, lambda e: sympy.together(e.base) ** e.exp
            )
        )
    )


def _equal(one: sympy.Expr, other: sympy.Expr, symbols: Sequence[sympy.Symbol], x: Array) -> bool:
    rows = x[even_places(len(x), _COMPARED).numpy()]
    values = [complex_values(compiled(symbols, [law]), rows) for law in (one, other)]
    return bool(np.abs(values[0] - values[1]).max() <= _SAME * np.abs(values[1]).max())
