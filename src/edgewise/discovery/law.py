"""A law that was found, and how good it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import sympy

from .._tensors import to_tensor
from ..errors import InputError, ShapeError
from .judge import complexity
from .polish import Fit, fitted
from .problem import Array
from .snapping import Constant
from .template import Template
from .text import c_text, latex_name, numpy_text, printed


@dataclass(frozen=True)
class Law:
    """One formula of a discovery, in the units of the data.

    Attributes:
        expression: The right-hand side.
        symbols: A symbol for each input column, in order.
        train_rmse: Root mean square error on the samples it was fitted to.
        test_rmse: The same on samples held out.
        r2: Of the held-out samples.
        bits: Length of the description of the law and of what it misses: less is better.
        constants: Its constants, each with its standard error.
        verdict: "exact" (to the last digits of float64 on held-out samples), "within rounding" (it misses no more than the
            rounding of the samples to float32, so many decimals and the like), "within noise", or "approximation".
        source: Which search found it, such as "products", "polynomials", "quotients" or "networks".
        named: The right-hand side with constants of nature by name, where they were given; None where there are none.
        fit: The fit of its free constants.
    """

    expression: sympy.Expr
    symbols: tuple[sympy.Symbol, ...]
    train_rmse: float
    test_rmse: float
    r2: float
    bits: float
    constants: tuple[Constant, ...]
    verdict: str
    source: str
    named: sympy.Expr | None = None
    fit: Fit | None = field(default=None, repr=False, compare=False)

    @property
    def shown(self) -> sympy.Expr:
        """The expression as it is printed and measured: a constant of nature is one name."""
        return self.expression if self.named is None else self.named

    @property
    def complexity(self) -> int:
        """Operations, functions, variables and numbers."""
        return complexity(self.shown)

    @cached_property
    def _curve(self) -> Template:
        return Template(self.expression, self.symbols)

    def predict(self, x: Any) -> Array:
        """Values (n,) at inputs (n, columns), in float64; NaN where a part of the law has no real value.

        Args:
            x: An array or tensor, or a frame, whose columns are found by name.
        """
        array = columns_in_order(x, self.symbols)
        return self._curve.values(self._curve.numbers, array)

    def refitted(self, x: Any, y: Any) -> sympy.Expr:
        """The law with its free constants fitted to other samples; exact numbers stay.

        Args:
            x: Inputs (n, columns).
            y: Targets (n,).

        Raises:
            InputError: the law has no real value at all of them.
        """
        fit = fitted(
            self.expression, self.symbols, np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
        )
        if fit is None:
            raise InputError("refitted: the law must have a real value at all samples; leave the others out.")
        return fit.form

    def latex(self) -> str:
        """The expression in LaTeX; words as names have a dot between them."""
        names = {symbol: latex_name(str(symbol)) for symbol in self.shown.free_symbols}
        words = any(name.startswith(r"\mathrm") for name in names.values())
        return sympy.latex(self.shown, symbol_names=names, mul_symbol="dot" if words else None)

    def text(self, digits: int | None = None) -> str:
        """The expression as sympy prints it, with numbers of so many digits, or of all they have."""
        return printed(self.shown, digits)

    def numpy(self) -> str:
        """A Python module that needs only NumPy, with a function `predict` equal to that of the law."""
        return numpy_text(self.expression, self.symbols, self.text())

    def c(self, name: str = "law") -> str:
        """A C99 file that needs only the standard library, with a function of the columns and one of rows.

        Args:
            name: Of the function; that of rows is called `<name>_predict`.
        """
        return c_text(self.expression, self.symbols, self.text(), name)

    def __getstate__(self) -> dict[str, Any]:
        """Without the compiled curve, which does not travel."""
        return {name: value for name, value in vars(self).items() if name != "_curve"}


def columns_in_order(x: Any, symbols: Sequence[sympy.Symbol]) -> Array:
    """The columns of a table that symbols stand for, (n, columns).

    Args:
        x: An array or tensor, or a frame, whose columns are found by name.
        symbols: Of the columns.

    Raises:
        InputError: a frame lacks a column.
        ShapeError: there are more columns, or fewer.
    """
    names, given = [str(symbol) for symbol in symbols], getattr(x, "columns", None)
    if given is not None:
        there = [str(name) for name in given]
        lost = [name for name in names if name not in there]
        if lost:
            raise InputError(f"predict: x must have a column {lost[0]!r}; got {there}. Name it so.")
        x = x[[given[there.index(name)] for name in names]]
    array = to_tensor(x, "predict", "x").cpu().double().numpy()
    if array.ndim != 2 or array.shape[1] != len(names):
        raise ShapeError(
            f"predict: x must have a column for each of {', '.join(names)}; got shape {array.shape}."
        )
    return array
