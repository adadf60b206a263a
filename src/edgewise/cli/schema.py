"""What a JSON value must look like, and whether it does."""

from __future__ import annotations

from typing import Any

ANY_NAME = "*"

Schema = Any
"""A type; a list of one schema for lists; a dict of shapes by key, `ANY_NAME` for all keys; a tuple of alternatives;
None for itself."""


def violation(value: Any, schema: Schema, where: str = "") -> str | None:
    """Where a value departs from a schema, or None.

    Args:
        value: From JSON.
        schema: What it must look like; keys beyond those named are allowed. Whole numbers serve as floats.
        where: Name of the value, for the answer.

    Example:
        >>> violation({"a": [1, "x"]}, {"a": [float]})
        '.a[1] must be float'
        >>> violation({"a": [1, 2.5], "b": None}, {"a": [float], "b": (None, str)})
    """
    if isinstance(schema, tuple):
        faults = [violation(value, choice, where) for choice in schema]
        return None if None in faults else faults[-1]
    if isinstance(schema, list):
        if not isinstance(value, list):
            return f"{where} must be a list"
        parts = ((item, schema[0], f"{where}[{place}]") for place, item in enumerate(value))
    elif isinstance(schema, dict):
        if not isinstance(value, dict):
            return f"{where} must be an object"
        keys = value if ANY_NAME in schema else schema
        lost = [key for key in keys if key not in value]
        if lost:
            return f"{where}.{lost[0]} is missing"
        parts = ((value[key], schema.get(ANY_NAME, schema.get(key)), f"{where}.{key}") for key in keys)
    else:
        return None if _is(value, schema) else f"{where} must be {getattr(schema, '__name__', schema)}"
    return next((wrong for part in parts if (wrong := violation(*part)) is not None), None)


def _is(value: Any, kind: Any) -> bool:
    if kind is None or isinstance(value, bool):
        return value is kind or kind is bool
    if kind is float and isinstance(value, int):
        return abs(value) < 2**1023  # what a float can hold
    return isinstance(value, kind)
