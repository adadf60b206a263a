"""The one writer of JSON: numbers that JSON does not know, NaN and infinity, are null."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any


def json_text(value: Any, *, indent: int | None = None, ascii_only: bool = False) -> str:
    """Write plain values as JSON that every reader takes.

    Args:
        value: As for `plain_values`.
        indent: Blanks to a level; None for one line.
        ascii_only: Whether other letters are escaped.

    Example:
        >>> json_text({"r2": float("nan"), "names": ("a", "b")})
        '{"r2": null, "names": ["a", "b"]}'
    """
    return json.dumps(plain_values(value), indent=indent, ensure_ascii=ascii_only, allow_nan=False)


def plain_values(value: Any) -> Any:
    """The same with None for every number that is NaN or infinite, as JSON can hold it.

    Args:
        value: Mappings, lists, tuples, words, numbers (of numpy and torch too) and None, nested.

    Example:
        >>> plain_values({"error": float("inf"), "steps": 3})
        {'error': None, 'steps': 3}
    """
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, Mapping):
        return {key: plain_values(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_values(part) for part in value]
    return plain_values(value.item()) if hasattr(value, "item") else value
