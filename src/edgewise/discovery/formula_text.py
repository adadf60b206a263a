"""Formulas that the user writes: text read by rules and never run, or sympy expressions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sympy

from .._formula_text import FormulaReader, as_read
from ..errors import InputError, unknown_name

SAME_NAMES = (
    "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh",
    "exp", "log", "sqrt", "sign", "erf",
)  # fmt: skip
"""Functions that are named alike in sympy, torch and formulas."""

KNOWN_FUNCTIONS: Mapping[str, Callable[..., sympy.Expr]] = {
    **{name: getattr(sympy, name) for name in SAME_NAMES},
    "abs": sympy.Abs,
    "Abs": sympy.Abs,
    "ln": sympy.log,
    "sgn": sympy.sign,
    "arcsin": sympy.asin,
    "arccos": sympy.acos,
    "arctan": sympy.atan,
    "max": sympy.Max,
    "min": sympy.Min,
}
_CONSTANTS = {"pi": sympy.pi, "E": sympy.E}
_LONGEST = 4000


def read_formula(
    formula: Any,
    names: Sequence[str],
    argument: str,
    *,
    constants: bool = False,
    functions: Mapping[str, Callable[..., sympy.Expr]] | None = None,
) -> sympy.Expr:
    """Read a formula of columns.

    Args:
        formula: Text, a sympy expression or a number.
        names: Of the columns.
        argument: Of `discover`, for errors.
        constants: Whether other names are allowed, for constants.
        functions: More functions by name.

    Returns:
        An expression of symbols that have names and no assumptions. Numbers with a point are floats.

    Raises:
        InputError: it is no formula, or names what is no column.
        UnknownName: there is no such function.

    Example:
        >>> read_formula("2.5*m*v^2/2", ["m", "v"], "guess")
        1.25*m*v**2
    """
    if isinstance(formula, str):
        found = _read(formula, names, argument, {**KNOWN_FUNCTIONS, **(functions or {})})
    else:
        try:
            found = sympy.sympify(formula, strict=True)
        except (sympy.SympifyError, TypeError, AttributeError) as error:
            raise _refused(argument, formula, "no formula") from error
        if not isinstance(found, sympy.Expr):
            raise _refused(argument, formula, "no expression")
    found = found.xreplace({symbol: sympy.Symbol(symbol.name) for symbol in found.free_symbols})
    others = sorted(symbol.name for symbol in found.free_symbols if symbol.name not in names)
    if others and not constants:
        raise _refused(argument, formula, f"{others[0]!r}, which is no column")
    if found.has(sympy.zoo, sympy.nan, sympy.I) or (found.is_number and not found.is_extended_real):
        raise _refused(argument, formula, "no real number")
    return found


def _read(
    text: str, names: Sequence[str], argument: str, functions: Mapping[str, Callable[..., sympy.Expr]]
) -> sympy.Expr:
    columns = {name: sympy.Symbol(name) for name in names}
    known = {**_CONSTANTS, **{as_read(name): symbol for name, symbol in columns.items()}, **columns}

    def function(name: str) -> Callable[..., sympy.Expr]:
        if name not in functions:
            raise unknown_name("discover", f"a function in {argument}", name, functions)
        return functions[name]

    def number(value: float) -> sympy.Expr:
        return sympy.Integer(value) if isinstance(value, int) else sympy.Float(value)

    if len(text) > _LONGEST:
        raise _refused(argument, text, "too long a text")
    try:
        return FormulaReader[Any](number, lambda name: known.get(name, sympy.Symbol(name)), function).read(
            text
        )
    except InputError:
        raise
    except (SyntaxError, TypeError, ValueError, ArithmeticError) as error:
        strange = [name for name in names if not name.isidentifier() and name in text]
        raise _refused(
            argument, text, f"a name that needs backquotes, as `{strange[0]}`," if strange else str(error)
        ) from error


def _refused(argument: str, formula: Any, got: str) -> InputError:
    return InputError(
        f"discover: {argument} must be a formula of columns and functions such as sin; got {got} in "
        f"{str(formula)[:80]!r}. For example 'a*exp(-x_1)', with names of your columns."
    )
