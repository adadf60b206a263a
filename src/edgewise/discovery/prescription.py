"""What a user prescribes to laws: functions, columns, limits, a form, a first guess."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sympy

from ..errors import InputError, unknown_name
from .allowed_functions import functions_of, read_functions
from .form import Form, read_form
from .formula_text import read_formula
from .limits import Limit, read_limits
from .problem import Array
from .text import printed


@dataclass(frozen=True)
class Prescription:
    """What laws have to be like.

    Attributes:
        functions: Names of those that may occur; None for all.
        required: Columns that must occur.
        forbidden: Columns that must not.
        limits: What laws come to somewhere.
        guess: Where to start from, in the columns' own units; other symbols and floats are constants.
        form: What laws consist of, with functions that are to be found.
    """

    functions: frozenset[str] | None = None
    required: frozenset[sympy.Symbol] = field(default_factory=frozenset)
    forbidden: frozenset[sympy.Symbol] = field(default_factory=frozenset)
    limits: tuple[Limit, ...] = ()
    guess: sympy.Expr | None = None
    form: Form | None = None

    @classmethod
    def of(
        cls,
        names: Sequence[str],
        *,
        functions: Iterable[str] | None = None,
        required: Any = (),
        forbidden: Any = (),
        limits: Any = None,
        guess: Any = None,
        form: Any = None,
    ) -> Prescription:
        """Read what the user gave.

        Raises:
            InputError: something is no name of a column, no formula, or contradicts something else.
            UnknownName: there is no such function.
        """
        wanted, unwanted = _columns("required", required, names), _columns("forbidden", forbidden, names)
        if wanted & unwanted or len(unwanted) == len(names):
            raise InputError(
                f"discover: forbidden must leave what is required, and one column at least; got required="
                f"{_listed(wanted)} and forbidden={_listed(unwanted)} of {list(names)}."
            )
        found = None if guess is None else read_formula(guess, names, "guess", constants=True)
        template = None if form is None else read_form(form, names)
        for argument, used in (("guess", found), ("form", None if template is None else template.form)):
            if used is not None and used.free_symbols & unwanted:
                raise InputError(
                    f"discover: {argument} must hold no column that is forbidden; got {_listed(used.free_symbols & unwanted)}."
                )
        return cls(
            read_functions(functions),
            wanted,
            unwanted,
            read_limits(limits, names),
            found,
            template,
        )

    def may_be(self, form: sympy.Expr) -> bool:
        """Whether a form that is not fitted yet, in the columns, may become such a law."""
        return (
            self.required <= form.free_symbols
            and not self.forbidden & form.free_symbols
            and (self.functions is None or functions_of(form) <= self.functions)
        )

    def is_kept_by(self, law: sympy.Expr, symbols: Sequence[sympy.Symbol], x: Array) -> bool:
        """Whether a law is as it has to be.

        Args:
            law: The right-hand side.
            symbols: Of the columns.
            x: Samples (n, columns), for limits.
        """
        return self.may_be(law) and all(limit.holds(law, symbols, x) for limit in self.limits)

    def __str__(self) -> str:
        """What was prescribed, in words; empty for nothing."""
        parts = [
            ""
            if self.functions is None
            else f"of functions only {', '.join(sorted(self.functions)) or 'none'}",
            f"with {', '.join(_listed(self.required))}" if self.required else "",
            f"without {', '.join(_listed(self.forbidden))}" if self.forbidden else "",
            *(f"{printed(one.value)} for {one.symbol} -> {one.point}" for one in self.limits),
            f"of the form {self.form.text}" if self.form is not None else "",
            f"from the guess {printed(self.guess)}" if self.guess is not None else "",
        ]
        return "; ".join(part for part in parts if part)


def _columns(argument: str, columns: Any, names: Sequence[str]) -> frozenset[sympy.Symbol]:
    given = [columns] if isinstance(columns, str) else list(columns)
    for name in given:
        if name not in names:
            raise unknown_name("discover", argument, name, names)
    return frozenset(sympy.Symbol(str(name)) for name in given)


def _listed(symbols: Iterable[sympy.Symbol]) -> list[str]:
    return sorted(map(str, symbols))
