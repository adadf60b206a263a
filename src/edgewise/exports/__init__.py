"""Exports: a network as NumPy or C text, ONNX graph, torch program, JSON tables, SciPy splines or equations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import lazy_names

if TYPE_CHECKING:
    from .formats import export as export
    from .text import comment as comment

__all__ = [
    "export",
]

__getattr__ = lazy_names(__name__, {"comment": "text", "export": "formats"})
