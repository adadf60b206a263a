"""The command line: `edgewise fit`, `explain`, `predict`, `export`, `info`, `bench`."""

from __future__ import annotations

from .entry_point import main

__all__ = [
    "main",
]
