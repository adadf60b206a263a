"""The command line: `edgewise fit`, `explain`, `predict`, `info`."""

from __future__ import annotations

from .door import main as main
