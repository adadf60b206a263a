"""Vectors as the arrays whose small operations cost least: numpy's on the CPU, torch's elsewhere.

Both kinds know what is asked of them here: sums and multiples, `dot`, `@`, `abs`, rows that are assigned.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

Array = Any
"""Of numpy or of torch."""


def as_array(tensor: Tensor) -> Array:
    """The same numbers in the same memory.

    Example:
        >>> as_array(torch.ones(2))
        array([1., 1.], dtype=float32)
    """
    if tensor.device.type == "cpu" and tensor.dtype in (torch.float32, torch.float64):
        return tensor.detach().numpy()
    return tensor


def as_tensor(array: Array) -> Tensor:
    """The way back."""
    return array if isinstance(array, Tensor) else torch.from_numpy(array)


def to_host(array: Array) -> np.ndarray:
    """A copy for numpy, in float64."""
    return array.double().cpu().numpy() if isinstance(array, Tensor) else array.astype(np.float64)


def to_like(numbers: np.ndarray, array: Array) -> Array:
    """Numbers from the host as an array of the kind, place and type of another."""
    if isinstance(array, Tensor):
        return torch.from_numpy(numbers).to(array.device, array.dtype)
    return numbers.astype(array.dtype)
