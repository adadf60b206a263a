"""Functions that laws may hold, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import sympy

from ..errors import unknown_name

_NAMES: dict[type[sympy.Basic], str] = {
    sympy.sin: "sin",
    sympy.cos: "cos",
    sympy.tan: "tan",
    sympy.asin: "arcsin",
    sympy.acos: "arccos",
    sympy.atan: "arctan",
    sympy.sinh: "sinh",
    sympy.cosh: "cosh",
    sympy.tanh: "tanh",
    sympy.asinh: "arcsinh",
    sympy.acosh: "arccosh",
    sympy.atanh: "arctanh",
    sympy.exp: "exp",
    sympy.log: "log",
    sympy.Abs: "abs",
    sympy.sign: "sign",
    sympy.erf: "erf",
}
_ALSO = {f"a{name}": f"arc{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")} | {
    "ln": "log",
    "sgn": "sign",
}
ALLOWED = (*_NAMES.values(), "sqrt", "power")
"""Names that can be allowed; sums, products, quotients and whole powers always are."""


def functions_of(law: sympy.Expr) -> set[str]:
    """Names of the functions in an expression: "sqrt" for halves in exponents, "power" for other ones that are not whole.

    Example:
        >>> x = sympy.Symbol("x")
        >>> sorted(functions_of(sympy.sin(x) + x**2 / sympy.sqrt(x + 1)))
        ['sin', 'sqrt']
    """
    found = set()
    for part in sympy.preorder_traversal(law):
        if isinstance(part, sympy.Pow) and part.free_symbols and not part.exp.is_Integer:
            whole = part.exp.is_Number and float(2 * part.exp).is_integer()
            found.add("exp" if part.base.is_number else "sqrt" if whole else "power")
        elif isinstance(part, sympy.Function) and part.free_symbols:
            found.add(_NAMES.get(part.func, str(part.func)))
    return found


def is_allowed(function: Callable[[sympy.Expr], sympy.Expr], allowed: frozenset[str] | None) -> bool:
    """Whether a function holds only functions of these names; None for all.

    Example:
        >>> is_allowed(sympy.exp, frozenset({"sin"})), is_allowed(lambda v: v**2, frozenset())
        (False, True)
    """
    return allowed is None or functions_of(function(sympy.Symbol("v"))) <= allowed


def read_functions(functions: str | Iterable[str] | None) -> frozenset[str] | None:
    """Names that the user allows.

    Raises:
        UnknownName: there is no such function.

    Example:
        >>> sorted(read_functions(["power", "asin"]))
        ['arcsin', 'power', 'sqrt']
    """
    if functions is None:
        return None
    given = [functions] if isinstance(functions, str) else list(functions)
    names = [_ALSO.get(name, name) if isinstance(name, str) else name for name in given]
    for name in names:
        if name not in ALLOWED:
            raise unknown_name("discover", "functions", name, ALLOWED)
    return frozenset(names) | ({"sqrt"} if "power" in names else set())
