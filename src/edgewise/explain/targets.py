"""Targets that the outputs of a network can be compared with."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from .._tensors import to_tensor
from ..errors import ShapeError
from ..network import Network


def matching_targets(y: Any, rows: int, model: Network, where: str, name: str = "y") -> Tensor | None:
    """Targets as a matrix of the outputs' shape, on the CPU, in the data type they came in.

    Args:
        y: Values in any form, or None.
        rows: How many samples there are.
        model: Whose outputs they are compared with.
        where: Name of the function the user called, for messages.
        name: Name of the argument, for messages.

    Returns:
        Shape (rows, outputs); None where there are no targets, or they have another shape, as labels of classes.

    Raises:
        InputError: a value is not a finite number.
        ShapeError: there are not as many targets as samples.

    Example:
        >>> from edgewise.network import build
        >>> matching_targets([0.0, 2.0], 2, build([1, 1]), "formula").shape
        torch.Size([2, 1])
    """
    if y is None:
        return None
    given = to_tensor(y, where, name).cpu()
    values = given.flatten(0, -2) if given.ndim > 2 else given
    if values.ndim == 0 or len(values) != rows:
        raise ShapeError(
            f"{where}: {name} must have one row for each of the {rows} rows of x; got shape {tuple(given.shape)}. "
            f"Pass as many targets as samples."
        )
    outputs = model.layers[-1].out_features
    values = values[:, None] if values.ndim == 1 and outputs == 1 else values
    return values if values.shape == (rows, outputs) else None
