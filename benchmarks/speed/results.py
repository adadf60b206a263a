"""Measured rows as values and as a JSON file."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from .clock import Timing, paired_ratio


@dataclass(frozen=True)
class Entry:
    """What one contestant took in one row."""

    parameters: int
    forward: Timing
    step: Timing


@dataclass(frozen=True)
class Row:
    """One size on one number of threads.

    Args:
        key: Name of the size on the command line.
        label: The size as it is printed.
        threads: Threads that torch and jax were given.
        entries: Contestants by name.
        memory: Bytes of a step, of us and of the MLP of our shape, and the bound.
        grid: Intervals of each spline; 0 where a row has several.
    """

    key: str
    label: str
    threads: int
    grid: int
    entries: dict[str, Entry]
    memory: dict[str, Any] = field(default_factory=dict)

    def ratio(self, upper: str, lower: str, call: str = "step") -> float | None:
        """How many times as long one contestant takes as another; None where one is not there."""
        if upper not in self.entries or lower not in self.entries:
            return None
        return paired_ratio(getattr(self.entries[upper], call), getattr(self.entries[lower], call))


@dataclass(frozen=True)
class Results:
    """A run: the machine it was made on, and its rows."""

    machine: dict[str, Any]
    rows: list[Row]


def machine() -> dict[str, Any]:
    """The machine and the torch that ran on it, in words."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "torch": torch.__version__,
    }


def save(results: Results, path: Path) -> None:
    """Write a run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(results), indent=1, default=float) + "\n")


def load(path: Path) -> Results:
    """Read a run."""
    content = json.loads(path.read_text())
    return Results(content["machine"], [_row(row) for row in content["rows"]])


def _row(content: dict[str, Any]) -> Row:
    entries = {
        name: Entry(entry["parameters"], Timing(**entry["forward"]), Timing(**entry["step"]))
        for name, entry in content.pop("entries").items()
    }
    return Row(entries=entries, **content)


def _cpu() -> str:
    """Model name of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
