"""Sums over a layer's edges: one operation, several implementations, every derivative."""

from .autograd import edge_sums
from .bases import BASES, BaseFunction
from .bases import base_values as base_values
from .spec import EdgeSpec, EdgeWeights

__all__ = [
    "BASES",
    "BaseFunction",
    "EdgeSpec",
    "EdgeWeights",
    "edge_sums",
]
