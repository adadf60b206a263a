"""Exports: a network as NumPy or C text, ONNX graph, torch program, JSON tables, SciPy splines or equations."""

from .forms import export as export
