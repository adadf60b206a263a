"""Functions that are lines at all samples but for a little: without noise they are what they are, in noise a line will do."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import sympy

from .._tensors import even_places
from .compiled import compiled, complex_values
from .problem import Array

_SMALL = 0.3  # of arguments: a sine of these is a line to 1.5 percent
_COMPARED = 200
_SAME = 1e-9
_ODD = (sympy.sin, sympy.tan, sympy.tanh, sympy.sinh, sympy.atan, sympy.asin)


def straightened(law: sympy.Expr, symbols: Sequence[sympy.Symbol], x: Array) -> sympy.Expr | None:
    """A law with lines in place of the odd functions, of `exp(v) - 1` and of `log(1 + v)` whose arguments are small; None for others.

    Args:
        law: Any expression of the symbols.
        symbols: A symbol a column.
        x: Samples (n, columns).

    Example:
        >>> a, b = sympy.symbols("a b")
        >>> straightened(500.0 * a * sympy.sin(0.002 * b), [a, b], np.ones((5, 2)))
        1.0*a*b
    """
    rows = x[even_places(len(x), _COMPARED).numpy()]

    def is_small(part: sympy.Expr) -> bool:
        if not part.free_symbols or not part.atoms(sympy.Float):
            return False
        return bool(np.abs(complex_values(compiled(symbols, [part]), rows)).max() < _SMALL)

    line = law.replace(lambda p: isinstance(p, _ODD) and is_small(p.args[0]), lambda p: p.args[0])
    line = line.replace(
        lambda p: isinstance(p, sympy.log) and is_small(p.args[0] - 1), lambda p: sympy.expand(p.args[0] - 1)
    )
    line = line.replace(
        lambda p: _is_exponential_less_its_start(p) and is_small(p.args[1].as_coeff_Mul()[1].args[0]),
        lambda p: p.args[1].as_coeff_Mul()[0] * p.args[1].as_coeff_Mul()[1].args[0],
    )
    return None if line == law else line


def _is_exponential_less_its_start(part: sympy.Expr) -> bool:
    """c exp(v) - c."""
    if not part.is_Add or len(part.args) != 2 or not part.args[0].is_number:
        return False
    factor, rest = part.args[1].as_coeff_Mul()
    return isinstance(rest, sympy.exp) and bool(abs(part.args[0] + factor) <= _SAME * abs(factor))
