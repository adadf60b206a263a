"""Sums over a layer's edges: one operation, several implementations, every derivative."""

from .spec import EdgeSpec, EdgeWeights
from .sums import edge_sums

__all__ = ["EdgeSpec", "EdgeWeights", "edge_sums"]
