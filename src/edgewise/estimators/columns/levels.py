"""The levels of a categorical column as text, and which of them an entry of another table means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from .cells import GAP, is_gap
from .kinds import CODE, GAP_WORDS, NEARLY_ALL

TRUTHS = {
    "true": True,
    "1": True,
    "1.0": True,
    "yes": True,
    "t": True,
    "false": False,
    "0": False,
    "0.0": False,
    "no": False,
    "f": False,
}
"""What entries of a column of booleans mean, in small letters."""

_NUMBER = re.compile(r"[-+]?\d+(?:\.\d*)?")


def level_of(value: Any) -> str:
    """An entry as text, a gap as "missing"; whole numbers are written without a point.

    Args:
        value: An entry.

    Example:
        >>> [level_of(value) for value in (1.0, "a", None)]
        ['1', 'a', 'missing']
    """
    if is_gap(value):
        return GAP
    whole = isinstance(value, (float, np.floating)) and float(value).is_integer()
    return str(int(value)) if whole else str(value)


def are_numbers(levels: Sequence[str]) -> bool:
    """Whether nearly all levels read as numbers, and none is a code.

    Args:
        levels: As text.

    Example:
        >>> are_numbers(["1.5", "2"]), are_numbers(["007"]), are_numbers(["a", "1"])
        (True, False, False)
    """
    found = sum(bool(_NUMBER.fullmatch(level)) for level in levels)
    return found >= NEARLY_ALL * len(levels) > 0 and not any(map(CODE.fullmatch, levels))


def truth_of(value: Any) -> str:
    """An entry of a column of booleans as "True" or "False", a gap as "missing"; others as text.

    Args:
        value: An entry.

    Example:
        >>> [truth_of(value) for value in (1, "no", None, "perhaps")]
        ['True', 'False', 'missing', 'perhaps']
    """
    text = level_of(value)
    word = text.strip().lower()
    return GAP if word in GAP_WORDS else str(TRUTHS.get(word, text))


class Levels:
    """The levels that a column had at the fit.

    An entry means the level that is written like it. Where there is none, it means the only level of the same number
    (7, "7.0" and "007"), or of the same truth (True, "true" and 1).

    Args:
        levels: As text.

    Example:
        >>> known = Levels(["007", "008"])
        >>> known.place("008"), known.place(7.0), known.place("9")
        (1, 0, -1)
    """

    def __init__(self, levels: Sequence[str]) -> None:
        self._places = {level: place for place, level in enumerate(levels)}
        self._of_truths = self._places.keys() <= {"True", "False", GAP}
        self._numbers: dict[float, int] = {}
        for level, place in self._places.items():
            number = _number(level)
            if number is not None:
                self._numbers[number] = -1 if number in self._numbers else place

    def place(self, value: Any) -> int:
        """Place of the level that an entry means; -1 where it means none.

        Args:
            value: An entry.
        """
        text = level_of(value)
        found = self._places.get(text, -1)
        if found >= 0 or is_gap(value):
            return found
        if self._of_truths:
            return self._places.get(truth_of(value), -1)
        number = _number(text.strip())
        if number is None and text.strip().lower() in ("true", "false"):
            number = int(text.strip().lower() == "true")
        return -1 if number is None else self._numbers.get(number, -1)


def _number(text: str) -> float | int | None:
    """The value of a plain number; of a whole one all its digits, so that long codes stay apart."""
    if not _NUMBER.fullmatch(text):
        return None
    head, _, tail = text.partition(".")
    return float(text) if tail.strip("0") else int(head)
