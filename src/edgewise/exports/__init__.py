"""Exports: a network as NumPy or C text, ONNX graph, torch program, JSON tables, SciPy splines or equations."""

from .formats import export
from .text import comment as comment

__all__ = [
    "export",
]
