"""Nested state as JSON and tensors, and back, bit for bit; nothing else can be put in, nothing is executed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Integral
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...errors import InputError

_LONG = 16
"""From so many floats on a list is kept as a tensor."""


def flatten(value: Any, tensors: dict[str, Tensor]) -> Any:
    """Split nested state into JSON and tensors.

    Args:
        value: Dicts (of words or whole numbers), lists, tuples, tensors, arrays, numbers, words, None.
        tensors: Where tensors are put, under names of their own.

    Returns:
        What JSON can hold.

    Raises:
        InputError: there is something else in it.

    Example:
        >>> tensors = {}
        >>> flatten({"step": 3, 0: (torch.ones(2), None)}, tensors), list(tensors)
        ({'dict': [['step', 3], [0, {'tuple': [{'tensor': '0'}, None]}]]}, ['0'])
    """
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": repr(float(value))}  # JSON knows no such number
    if value is None or isinstance(value, (bool, str, float)):
        return value
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, (Tensor, np.ndarray)):
        kind = "tensor" if isinstance(value, Tensor) else "array"
        return {kind: _put(torch.as_tensor(value), tensors)}
    if isinstance(value, Mapping) and all(isinstance(key, (str, int)) for key in value):
        return {"dict": [[key, flatten(part, tensors)] for key, part in value.items()]}
    if isinstance(value, list) and len(value) >= _LONG and all(type(part) is float for part in value):
        return {"floats": _put(torch.tensor(value, dtype=torch.float64), tensors)}
    if isinstance(value, (list, tuple)):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [flatten(part, tensors) for part in value]}
    raise InputError(
        f"fit: checkpoint must be able to keep the state of optimiser and scheduler; got a {type(value).__name__} "
        f"in it. Use one whose state_dict holds tensors and numbers, or leave checkpoint out."
    )


def unflatten(value: Any, tensors: Mapping[str, Tensor]) -> Any:
    """Put together what `flatten` split.

    Args:
        value: The JSON.
        tensors: The tensors by name; each is copied.

    Raises:
        ValueError: it is not of `flatten`'s form.
        KeyError: a tensor is missing.

    Example:
        >>> unflatten({"tuple": [1, {"tensor": "0"}]}, {"0": torch.ones(1)})
        (1, tensor([1.]))
    """
    if not isinstance(value, dict):
        if isinstance(value, list):
            raise ValueError("a list that is not marked as one")
        return value
    ((kind, content),) = value.items()
    if kind == "float":
        return float(content)
    if kind in ("tensor", "array", "floats"):
        found = tensors[content].clone()
        return found if kind == "tensor" else found.numpy() if kind == "array" else found.tolist()
    if kind == "dict":
        return {key: unflatten(part, tensors) for key, part in content}
    if kind not in ("list", "tuple"):
        raise ValueError(f"unknown mark {kind!r:.30}")
    parts = [unflatten(part, tensors) for part in content]
    return parts if kind == "list" else tuple(parts)


def _put(tensor: Tensor, tensors: dict[str, Tensor]) -> str:
    name = str(len(tensors))
    tensors[name] = tensor.detach().cpu().clone()
    return name
