"""Whether the values that columns take can tell a law from others that agree with it at all of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import sympy

from .law import Law
from .problem import Array

_PLENTY = 40
_RARE = 5  # samples, and one in so many, that a column's other values are rare in
_IDLE = 1e-11  # of the deviation of the targets, what a number changes that the samples do not decide


def distinct_values(x: Array) -> tuple[int, ...]:
    """How many different values each column takes.

    Example:
        >>> distinct_values(np.array([[1.0, 5.0], [2.0, 5.0], [1.0, 5.0]]))
        (2, 1)
    """
    return tuple(len(np.unique(column)) for column in x.T)


def telling_columns(x: Array) -> list[int]:
    """Columns that vary, and are not the same as one before them.

    Example:
        >>> telling_columns(np.array([[1.0, 5.0, 1.0, 0.0], [2.0, 5.0, 2.0, 0.0], [3.0, 5.0, 3.0, 1.0]]))
        [0, 3]
    """
    kept: list[int] = []
    for place, column in enumerate(x.T):
        varies = bool((column != column[0]).any())
        if varies and not any(np.array_equal(column, x[:, other]) for other in kept):
            kept.append(place)
    return kept


def line_on_columns(x: Array, names: Sequence[str]) -> list[str]:
    """A note on the columns that tell nothing; none where all do.

    Example:
        >>> line_on_columns(np.array([[1.0, 5.0], [2.0, 5.0]]), ["a", "b"])
        ['Left out, for it does not vary or is the same as another column: b.']
    """
    telling = telling_columns(x)
    left_out = [name for place, name in enumerate(names) if place not in telling]
    if not left_out:
        return []
    said = "it does not vary or is" if len(left_out) == 1 else "they do not vary or are"
    return [f"Left out, for {said} the same as another column: {', '.join(left_out)}."]


def line_on_rare_values(x: Array, names: Sequence[str]) -> list[str]:
    """A note on columns that are the same in all samples but a few; none where there are none.

    Example:
        >>> x = np.ones((50, 2))
        >>> x[3, 1] = 2.0
        >>> line_on_rare_values(np.column_stack([x, np.arange(50.0)]), ["a", "b", "c"])
        ['b is 1 in all samples but 1: what the law says of other values rests on these alone.']
    """
    found = []
    for column, name in zip(x.T, names, strict=True):
        values, counts = np.unique(column, return_counts=True)
        others = len(column) - int(counts.max())
        if 0 < others <= min(_RARE, len(column) // _RARE):
            common = f"{values[counts.argmax()]:.6g}"
            found.append(
                f"{name} is {common} in all samples but {others}: what the law says of other values rests on these alone."
            )
    return found


def undecided(law: Law, spread: float) -> str | None:
    """Say which fitted number the samples do not decide, as nothing changes with it, or None.

    Of a step between two samples, `tanh(a**2)**1e14`, any place between these is as good.

    Args:
        law: Fitted.
        spread: Deviation of the targets.
    """
    fit = law.fit
    if fit is None or not len(fit.values):
        return None
    effects = np.abs(fit.values) * np.abs(fit.jacobian).max(0)
    value = float(fit.values[int(effects.argmin())])
    return None if effects.min() > _IDLE * spread else f"the samples do not decide {value:.6g}"


def undetermined(
    law: sympy.Expr, symbols: Sequence[sympy.Symbol], values: Sequence[int], x: Array
) -> str | None:
    """Say which column takes too few different values for a law, or that all together do; None where none does.

    A column that enters by a straight line needs two; any other one more than there are numbers, exponents among them,
    in the terms that it stands in: a curve of as many numbers as values goes through whatever there is. So does a law
    of as many numbers as there are different samples.

    Args:
        law: In the columns.
        symbols: Of the columns.
        values: How many different values each takes; see `distinct_values`.
        x: Samples (n, columns).

    Example:
        >>> a, b = sympy.symbols("a b")
        >>> law = 0.3 * a**3 + 1.2 * a**2 + 0.7 * a + b
        >>> undetermined(law, [a, b], [4, 2], np.array([[1, 0], [2, 0], [3, 0], [4, 1]]))
        '4 different values of a do not determine 5 numbers'
        >>> undetermined(law, [a, b], [9, 9], np.tile([[1, 0], [2, 0], [3, 0], [4, 1]], (50, 1)))
        '4 different samples do not determine 5 numbers'
    """
    for symbol, count in zip(symbols, values, strict=True):
        if count > _PLENTY or symbol not in law.free_symbols:
            continue
        if law.diff(symbol, 2) == 0:
            needed, numbers = 2, 1
        else:
            numbers = sum(map(_numbers, _terms_with(law, symbol)))
            needed = numbers + 1
        if count < needed:
            some = "1 value" if count == 1 else f"{count} different values"
            verb = "does" if count == 1 else "do"
            return f"{some} of {symbol} {verb} not determine {numbers} number{'s' * (numbers > 1)}"
    return _of_few_samples(law, symbols, values, x)


def _of_few_samples(
    law: sympy.Expr, symbols: Sequence[sympy.Symbol], values: Sequence[int], x: Array
) -> str | None:
    used = [place for place, symbol in enumerate(symbols) if symbol in law.free_symbols]
    if not used or max(values[place] for place in used) > _PLENTY:
        return None
    count, numbers = len(np.unique(x[:, used], axis=0)), _numbers(law)
    if count > max(numbers, 1):
        return None
    return f"{count} different samples do not determine {numbers} number{'s' * (numbers > 1)}"


def _terms_with(law: sympy.Expr, symbol: sympy.Symbol) -> list[sympy.Expr]:
    return [term for term in sympy.Add.make_args(law) if symbol in term.free_symbols]


def _numbers(term: sympy.Expr) -> int:
    parts = sympy.preorder_traversal(term)
    return sum(1 for part in parts if part.is_number and part.is_Atom and part not in (1, -1))
