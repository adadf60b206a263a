"""A form of a law, before its constants are fitted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import sympy


@dataclass(frozen=True)
class Proposal:
    """An expression in the scaled columns, its constants nearly right.

    Attributes:
        form: The expression.
        missed: What it leaves of the targets where it was found: a share of their deviation, or near to one.
        source: Which search found it.
    """

    form: sympy.Expr
    missed: float
    source: str


def combined(numbers: npt.NDArray[np.floating[Any]], forms: Iterable[sympy.Expr]) -> sympy.Expr:
    """The sum of forms, each times its number; those of 0 are left out.

    Args:
        numbers: One for each form.
        forms: Any expressions.

    Example:
        >>> combined(np.array([2.5, 0.0, 1.5]), sympy.symbols("a b c"))
        2.5*a + 1.5*c
    """
    pairs = zip(numbers.tolist(), forms, strict=True)
    return sympy.Add(*(sympy.Float(number) * form for number, form in pairs if number))


Step = tuple[str, Iterable[Proposal]]
"""The name of a search, and what it proposes."""

Steps = Iterator[Step]
