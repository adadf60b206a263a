"""Tables from files as they come, and what is in their columns."""

from __future__ import annotations

from ..read_options import KINDS, ReadOptions, kinds_from
from .kinds import ColumnKind, Usual
from .prepare import Prepared, describe, prepare, ready_inputs, some_rows, task_of, usual_of
from .read import RawTable, read_table

__all__ = [
    "KINDS",
    "ColumnKind",
    "Prepared",
    "RawTable",
    "ReadOptions",
    "Usual",
    "describe",
    "kinds_from",
    "prepare",
    "read_table",
    "ready_inputs",
    "some_rows",
    "task_of",
    "usual_of",
]
