"""Validation of a network before it is exported to another language."""

from __future__ import annotations

import torch

from .._memory import refuse_beyond_memory
from ..edges import BASES
from ..errors import InputError
from ..network import Network, PlainNetwork, plain_arrays
from .safe_functions import safe_function


def validated(model: Network, format: str, *, bytes_per_number: int = 0) -> PlainNetwork:
    """The network's plain_arrays, if all of it can be written in another language.

    Args:
        model: Not modified.
        format: The export's name, for errors.
        bytes_per_number: About how much memory the export takes for each of the network's numbers.

    Raises:
        InputError: a data type of half precision, a base or a function defined by the user, or more numbers
            than memory holds.

    Example:
        >>> from edgewise.network import build
        >>> validated(build([2, 1]), "c99").n_columns
        2
    """
    dtype = model.dtype
    if dtype not in (torch.float32, torch.float64):
        raise InputError(
            f"export: the model must be of float32 or float64; got {dtype}. Pass model.float() to export it as {format}."
        )
    count = sum(part.numel() for part in (*model.parameters(), *model.buffers()))
    refuse_beyond_memory("export", bytes_per_number * count, f"the {format} format of {count:,} numbers")
    plan = plain_arrays(model, "export")
    for number, layer in enumerate(plan.layers):
        if layer.splines.live and layer.splines.base_weights.any() and layer.splines.base not in BASES:
            raise InputError(
                f"export: base must be one of {', '.join(BASES)} for {format}; got {layer.splines.base!r} of your "
                f"own in layer {number}, whose text is not known. Export to 'torch', or turn its edges into formulas."
            )
        for edge in layer.formulas:
            if safe_function(edge.function.name) is None:
                raise InputError(
                    f"export: functions must be of the library for {format}; got {edge.function.name!r} of your own "
                    f"on edge {(number, edge.i, edge.j)}, whose text is not known. Export to 'torch', or fix that "
                    f"edge to a library function."
                )
    return plan
