"""Looking inside a network: attribution, pruning, symbolic search and formulas.

`formula`, `Formula`, `equations` and `Equations` are imported when they are asked for, as only they need sympy.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from .attribution import Scores as Scores
from .attribution import attribute as attribute
from .prune import Pruned as Pruned
from .prune import prune as prune
from .prune import prune_edges as prune_edges
from .prune import prune_inputs as prune_inputs
from .symbolic import Suggestions as Suggestions
from .symbolic import Symbolified as Symbolified
from .symbolic import fix as fix
from .symbolic import suggest as suggest
from .symbolic import suggest_all as suggest_all
from .symbolic import symbolify as symbolify
from .symbolic import unfix as unfix

if TYPE_CHECKING:
    from .symbolic.expression.equations import Equations as Equations
    from .symbolic.expression.equations import equations as equations
    from .symbolic.expression.formula import Formula as Formula
    from .symbolic.expression.formula import formula as formula

_LAZY = {"Formula": "formula", "formula": "formula", "Equations": "equations", "equations": "equations"}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(importlib.import_module(f"{__name__}.symbolic.expression.{_LAZY[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
