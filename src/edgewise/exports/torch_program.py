"""Export of a network as a torch.export program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from ..errors import InputError
from ..network import Network

if TYPE_CHECKING:
    from torch.export import ExportedProgram


def torch_program(model: Network) -> ExportedProgram:
    """The network as a `torch.export` program that takes any number of samples.

    Args:
        model: Left as it is; bases and functions defined by the user go along.

    Returns:
        A program for inputs (n, columns); `torch.export.save` writes it.

    Raises:
        InputError: a layer has extrapolation "error", which asks for values while the program is made.

    Example:
        >>> from edgewise.network import build
        >>> torch_program(build([2, 1])).module()(torch.zeros(3, 2)).shape
        torch.Size([3, 1])
    """
    if any(getattr(layer.basis, "extrapolation", "") == "error" for layer in model.layers):
        raise InputError(
            "export: extrapolation must be another than 'error' for 'torch', whose programs cannot raise. "
            "Export to 'c99' or 'numpy', or build the model with another rule."
        )
    x = torch.zeros(2, model.n_columns, dtype=model.dtype, device=model.device)
    samples = torch.export.Dim("samples", min=1)
    return torch.export.export(model, (x,), dynamic_shapes=({0: samples},))
