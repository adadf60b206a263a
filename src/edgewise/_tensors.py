"""Array-like values made a tensor of finite real numbers, and a part of many rows taken evenly."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from .errors import InputError


def to_tensor(values: Any, where: str, name: str, *, finite: bool = True) -> Tensor:
    """Turn array-like values into a tensor of their own dtype, and refuse what is not a finite number.

    Args:
        values: Tensor, array, list, or anything with `to_numpy` such as a data frame or a series.
        where: Name of the function the user called, for messages.
        name: Name of the argument, for messages.
        finite: Whether NaN and infinities are refused.

    Returns:
        A detached tensor; it may share memory with `values`.

    Raises:
        InputError: text, objects, complex numbers, ragged lists, masked or sparse values, NaN or infinities
            (column and count said).

    Example:
        >>> to_tensor([1, 2], "fit", "x")
        tensor([1, 2])
    """
    tensor = values.detach() if isinstance(values, Tensor) else _from_array(values, where, name)
    if tensor.is_complex():
        raise InputError(
            f"{where}: {name} must be real; got dtype {tensor.dtype}. Pass real and imaginary parts as columns."
        )
    if tensor.layout is not torch.strided:
        raise InputError(f"{where}: {name} must be dense; got {tensor.layout}. Use {name}.to_dense().")
    if finite and tensor.is_floating_point():
        _refuse_non_finite(tensor, values, where, name)
    return tensor


def even_places(count: int, most: int) -> Tensor:
    """Numbers of at most so many of `count` rows, spread evenly, the first and the last among them.

    Example:
        >>> even_places(11, 3).tolist(), even_places(2, 3).tolist()
        ([0, 5, 10], [0, 1])
    """
    if count <= most:
        return torch.arange(count)
    return torch.linspace(0, count - 1, most, dtype=torch.float64).round().long()


def _from_array(values: Any, where: str, name: str) -> Tensor:
    if np.ma.is_masked(values):
        raise InputError(f"{where}: {name} must have no masked values; got some. Fill or drop these rows.")
    try:
        array = np.asarray(values.to_numpy() if hasattr(values, "to_numpy") else _plain(values))
    except ValueError as error:
        raise InputError(
            f"{where}: {name} must be a rectangular table of numbers; got rows of different lengths. "
            f"Pass one row a sample, all of the same length."
        ) from error
    if array.dtype == object:
        array = _numbers(array, values, where, name)
    if array.dtype.kind not in "fiubc":
        raise InputError(
            f"{where}: {name} must be numbers; got dtype {array.dtype}. Encode text and dates as numbers first."
        )
    if array.dtype.byteorder not in "=|" or any(stride < 0 for stride in array.strides):
        array = np.array(array, dtype=array.dtype.newbyteorder("="))
    if not array.flags.writeable or array.dtype in (np.float16, np.longdouble):
        array = array.astype(np.float64 if array.dtype == np.longdouble else array.dtype)
    return torch.from_numpy(np.ascontiguousarray(array) if array.ndim else array.reshape(()))


def _plain(values: Any) -> Any:
    """Lists of tensors become lists of numbers."""
    if isinstance(values, (list, tuple)) and any(isinstance(value, Tensor) for value in values):
        return [value.detach().cpu().numpy() if isinstance(value, Tensor) else value for value in values]
    return values


def _numbers(array: np.ndarray, values: Any, where: str, name: str) -> np.ndarray:
    """Take objects that are all numbers, as frames of mixed columns give them; name the first that is not."""
    for place, item in np.ndenumerate(array):
        if not isinstance(item, (bool, int, float, np.bool_, np.integer, np.floating)):
            column = f" in {_column(values, place[1])}" if array.ndim == 2 else ""
            raise InputError(
                f"{where}: {name} must be numbers; got {type(item).__name__} {item!r}{column}. "
                f"Encode text and dates as numbers first, and fill gaps."
            )
    return array.astype(np.float64)


def _refuse_non_finite(tensor: Tensor, values: Any, where: str, name: str) -> None:
    bad = ~torch.isfinite(tensor)
    if not bool(bad.any()):
        return
    rows = int(bad.reshape(len(bad), -1).any(1).sum()) if bad.ndim else 1
    column = ""
    if bad.ndim == 2:
        column = f", the first in {_column(values, int(bad.any(0).nonzero()[0]))}"
    raise InputError(
        f"{where}: {name} must be finite; got NaN or infinity in {rows} of {len(bad) if bad.ndim else 1} "
        f"rows{column}. Drop or fill these rows."
    )


def _column(values: Any, index: int) -> str:
    columns = getattr(values, "columns", None)
    return f"column {index}" if columns is None else f"column {str(list(columns)[index])!r}"
