"""The command line: `edgewise fit`, `explain`, `predict`, `export`, `info`, `bench`."""

from __future__ import annotations

from .door import main as main
