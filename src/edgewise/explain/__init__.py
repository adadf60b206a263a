"""Looking inside a network: attribution, pruning, hypotheses, symbolic search and formulas.

Formulas and equations are imported when they are asked for, as only they need sympy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import lazy_names
from .attribution import Scores, attribute
from .attribution import scores_of as scores_of
from .diagnose import Errors, Finding, diagnose, diagnose_errors, diagnose_network
from .hypotheses import Derivatives as Derivatives
from .hypotheses import (
    Interactions,
    Separability,
    StructureNode,
    Symmetries,
    Symmetry,
    interactions,
    separability,
    structure_tree,
    symmetries,
    symmetry,
)
from .hypotheses import across as across
from .hypotheses import connected as connected
from .hypotheses import interactions_at as interactions_at
from .hypotheses import loosest as loosest
from .merge import Merge, Merged, merge_nodes
from .prune import Pruned, prune, prune_edges, prune_inputs
from .prune_by_loss import prune_by_loss
from .reorder import reorder_nodes
from .symbolic import Judgement, Suggestions, Symbolified, fix, suggest, suggest_all, symbolify, unfix
from .symbolic import estimate_noise as estimate_noise
from .symbolic import search as search

if TYPE_CHECKING:
    from .symbolic.compiler import compile as compile
    from .symbolic.compiler import kanpiler as kanpiler
    from .symbolic.expression.equations import Equations as Equations
    from .symbolic.expression.equations import equations as equations
    from .symbolic.expression.formula import Formula as Formula
    from .symbolic.expression.formula import formula as formula


__all__ = [
    "Equations",
    "Errors",
    "Finding",
    "Formula",
    "Interactions",
    "Judgement",
    "Merge",
    "Merged",
    "Pruned",
    "Scores",
    "Separability",
    "StructureNode",
    "Suggestions",
    "Symbolified",
    "Symmetries",
    "Symmetry",
    "attribute",
    "compile",
    "diagnose",
    "diagnose_errors",
    "diagnose_network",
    "equations",
    "fix",
    "formula",
    "interactions",
    "kanpiler",
    "merge_nodes",
    "prune",
    "prune_by_loss",
    "prune_edges",
    "prune_inputs",
    "reorder_nodes",
    "separability",
    "structure_tree",
    "suggest",
    "suggest_all",
    "symbolify",
    "symmetries",
    "symmetry",
    "unfix",
]

__getattr__ = lazy_names(
    __name__,
    {
        **dict.fromkeys(("Equations", "equations"), "symbolic.expression.equations"),
        **dict.fromkeys(("Formula", "formula"), "symbolic.expression.formula"),
        **dict.fromkeys(("compile", "kanpiler"), "symbolic.compiler"),
    },
)
