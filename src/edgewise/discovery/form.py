"""Forms that are prescribed: "a*f(x_1) + g(x_2, x_3)", with functions and constants that are to be found."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy
from sympy.core.function import AppliedUndef

from ..errors import InputError
from .formula_text import KNOWN_FUNCTIONS, read_formula

_CALLS = re.compile(r"([A-Za-z_]\w*)\s*\(")


@dataclass(frozen=True)
class Form:
    """A form of laws.

    Attributes:
        text: As the user wrote it.
        form: The expression; functions to be found are undefined functions.
        constants: Its symbols that are no columns.
    """

    text: str
    form: sympy.Expr
    constants: tuple[sympy.Symbol, ...]

    @property
    def calls(self) -> tuple[AppliedUndef, ...]:
        """Where functions to be found are applied, inner ones first."""
        found = self.form.atoms(AppliedUndef)
        return tuple(sorted(found, key=lambda call: (len(call.atoms(AppliedUndef)), str(call))))

    @property
    def functions(self) -> dict[str, int]:
        """How many arguments each function to be found has, by name."""
        return {str(call.func): len(call.args) for call in self.calls}

    def filled(self, functions: Mapping[str, tuple[Sequence[sympy.Symbol], sympy.Expr]]) -> sympy.Expr:
        """The form with functions in their places.

        Args:
            functions: By name, the symbols of the arguments and an expression of these.

        Example:
            >>> v = sympy.Symbol("v")
            >>> read_form("a*f(x)", ["x"]).filled({"f": ([v], sympy.sin(v))})
            a*sin(x)
        """
        found = self.form
        for _ in range(len(self.calls)):
            calls = [
                call for call in found.atoms(AppliedUndef) if not any(a.has(AppliedUndef) for a in call.args)
            ]
            known = {}
            for call in calls:
                places, body = functions[str(call.func)]
                known[call] = body.xreplace(dict(zip(places, call.args, strict=True)))
            found = found.xreplace(known)
        return found


def read_form(form: Any, names: Sequence[str]) -> Form:
    """Read a form.

    Args:
        form: Text, or a sympy expression with undefined functions.
        names: Of the columns.

    Raises:
        InputError: it cannot be read, or holds no function to be found or one with arguments of differing number.

    Example:
        >>> found = read_form("a*f(x_1) + g(x_2, x_3)", ["x_1", "x_2", "x_3"])
        >>> found.functions, found.constants
        ({'f': 1, 'g': 2}, (a,))
    """
    calls = set(_CALLS.findall(form)) if isinstance(form, str) else set()
    unknown = {name: sympy.Function(name) for name in calls - set(KNOWN_FUNCTIONS) - set(names)}
    expression = read_formula(form, names, "form", constants=True, functions=unknown)
    constants = tuple(sorted((s for s in expression.free_symbols if s.name not in names), key=str))
    found = Form(str(form), expression, constants)
    counts = {(str(call.func), len(call.args)) for call in found.calls}
    if not counts or len(counts) != len(found.functions):
        raise InputError(
            f"discover: form must hold functions to be found, each always with as many arguments; got {str(form)[:80]!r}. "
            f"For example 'a*f(x_1) + g(x_2, x_3)'; where there is none to be found pass guess."
        )
    if any(not call.free_symbols & set(map(sympy.Symbol, names)) for call in found.calls):
        raise InputError(
            f"discover: form must apply its functions to columns; got {str(form)[:80]!r}. A constant needs no function."
        )
    return found
