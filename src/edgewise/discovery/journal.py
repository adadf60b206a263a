"""Laws kept in a file as they come, so that a search goes on where a crash ended it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import sympy

from .._atomic import target_of
from .._json import json_text
from ..errors import InputError
from .archive import law_text, read_law, short_names
from .problem import Array

_FORMAT = "edgewise discovery 1"


@dataclass
class Journal:
    """What a search has found and done; in memory only without a file.

    Attributes:
        path: The file; None for none.
        laws: Forms of laws in the columns' own units, as they were before numbers were made exact, with their source.
        done: Searches that were finished.
        short: What stands for columns and constants in the file, by symbol: any name can be read again so.
    """

    path: Path | None = None
    laws: list[tuple[sympy.Expr, str]] = field(default_factory=list)
    done: set[str] = field(default_factory=set)
    short: dict[sympy.Symbol, sympy.Symbol] = field(default_factory=dict)
    _known: set[str] = field(default_factory=set)

    @classmethod
    def of(
        cls, path: str | os.PathLike[str] | None, task: str, names: Sequence[str], known: Sequence[str] = ()
    ) -> Journal:
        """Open a file, or start one.

        Args:
            path: The file; None for a journal in memory.
            task: What tells this search from others, such as `fingerprint` gives.
            names: Of the columns.
            known: Names of constants.

        Raises:
            InputError: the file is of another search, or no such file, or cannot be written.
        """
        if path is None:
            return cls()
        target = target_of("discover", path)
        head = {"format": _FORMAT, "task": task}
        found = cls(target, short=short_names(map(sympy.Symbol, names), known))
        lines = _lines(target)
        if lines and (lines[0].get("format") != _FORMAT or lines[0].get("task") != task):
            raise InputError(
                f"discover: resume must name a new file or one of the same samples and settings; got {str(path)!r} of "
                f"others. Take another name, or delete it."
            )
        for line in lines[1:]:
            found._read(line)
        if not lines:
            found._write(head, mode="w")
        elif not target.read_bytes().endswith(b"\n"):  # the last line was cut
            with target.open("a", encoding="utf-8") as file:
                file.write("\n")
        return found

    def add_law(self, form: sympy.Expr, source: str) -> None:
        """Keep a law."""
        if self.path is not None:
            text = law_text(form, self.short)
            if text not in self._known:
                self._known.add(text)
                self._write({"law": text, "source": source})

    def add_done(self, step: str) -> None:
        """Keep that a search is finished."""
        if self.path is not None and step not in self.done:
            self._write({"done": step})
        self.done.add(step)

    def _read(self, line: dict[str, Any]) -> None:
        if isinstance(line.get("done"), str):
            self.done.add(line["done"])
        elif isinstance(line.get("law"), str):
            try:
                form = read_law(line["law"], {short.name: symbol for symbol, short in self.short.items()})
            except (SyntaxError, TypeError, ValueError, ArithmeticError):  # a form that was cut
                return
            self._known.add(line["law"])
            self.laws.append((form, str(line.get("source", ""))))

    def _write(self, line: dict[str, Any], mode: str = "a") -> None:
        with (self.path or Path(os.devnull)).open(mode, encoding="utf-8") as file:
            file.write(json_text(line) + "\n")


def fingerprint(settings: Any, *arrays: Array | None) -> str:
    """What tells one search from another: its samples and settings.

    Example:
        >>> fingerprint({"seed": 0}, np.ones(3)) == fingerprint({"seed": 1}, np.ones(3))
        False
    """
    found = hashlib.sha256(json_text(settings).encode())
    for array in arrays:
        found.update(b"none" if array is None else f"{array.shape}".encode())
        found.update(b"" if array is None else np.ascontiguousarray(array, dtype=np.float64).tobytes())
    return found.hexdigest()


def _lines(path: Path) -> list[dict[str, Any]]:
    """The lines of a file that are whole: the last may have been cut."""
    if not path.exists():
        return []
    found = []
    for line in path.read_bytes().decode("utf-8", "replace").splitlines():
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            value = {}
        found.append(value)
    return found
