"""Looking inside a network: attribution, pruning, symbolic search and formulas.

`formula`, `Formula`, `equations` and `Equations` are imported when they are asked for, as only they need sympy.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from .attribution import Scores, attribute
from .attribution import scores_of as scores_of
from .prune import Pruned, prune, prune_edges, prune_inputs
from .symbolic import Suggestions, Symbolified, fix, suggest, suggest_all, symbolify, unfix

if TYPE_CHECKING:
    from .symbolic.expression.equations import Equations as Equations
    from .symbolic.expression.equations import equations as equations
    from .symbolic.expression.formula import Formula as Formula
    from .symbolic.expression.formula import formula as formula


__all__ = [
    "Equations",
    "Formula",
    "Pruned",
    "Scores",
    "Suggestions",
    "Symbolified",
    "attribute",
    "equations",
    "fix",
    "formula",
    "prune",
    "prune_edges",
    "prune_inputs",
    "suggest",
    "suggest_all",
    "symbolify",
    "unfix",
]

_LAZY = {"Formula": "formula", "formula": "formula", "Equations": "equations", "equations": "equations"}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(importlib.import_module(f"{__name__}.symbolic.expression.{_LAZY[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
