"""A form of a law, before its constants are fitted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

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


Step = tuple[str, Iterable[Proposal]]
"""The name of a search, and what it proposes."""

Steps = Iterator[Step]
