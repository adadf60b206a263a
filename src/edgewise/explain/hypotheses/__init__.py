"""Hypotheses about any smooth function: what interacts, what separates, what acts through one combination only."""

from __future__ import annotations

from .derivatives import Derivatives, derivatives_of
from .interactions import Interactions, connected, interactions, interactions_at
from .separability import Separability, across, loosest, separability
from .symmetries import Symmetries, Symmetry, symmetries, symmetry
from .tree import StructureNode, structure_tree

__all__ = [
    "Derivatives",
    "Interactions",
    "Separability",
    "StructureNode",
    "Symmetries",
    "Symmetry",
    "across",
    "connected",
    "derivatives_of",
    "interactions",
    "interactions_at",
    "loosest",
    "separability",
    "structure_tree",
    "symmetries",
    "symmetry",
]
