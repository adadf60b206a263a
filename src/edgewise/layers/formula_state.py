"""The structure of a `FormulaLayer` as a tensor, for state dicts."""

from __future__ import annotations

import json
from collections.abc import Sequence

import torch
from torch import Tensor

from .._json import json_text
from ..errors import FileError, ShapeError

_VERSION = 1


def pack_structure(names: Sequence[str], size: tuple[int, int]) -> Tensor:
    """Write the functions' names and the layer's size as JSON into a uint8 tensor.

    Args:
        names: Name of each edge's function.
        size: Number of inputs and of outputs.

    Returns:
        One-dimensional uint8 tensor, which `torch.load(weights_only=True)` and safetensors accept.

    Example:
        >>> unpack_structure(pack_structure(["sin"], (2, 1)), (2, 1))
        ['sin']
    """
    content = {"version": _VERSION, "in_features": size[0], "out_features": size[1], "names": list(names)}
    return torch.frombuffer(bytearray(json_text(content, ascii_only=True), "utf-8"), dtype=torch.uint8)


def unpack_structure(state: Tensor, size: tuple[int, int]) -> list[str]:
    """Read the functions' names back.

    Args:
        state: What `pack_structure` gave.
        size: Number of inputs and of outputs of the layer that is to take the names.

    Returns:
        Name of each edge's function.

    Raises:
        FileError: The state cannot be read, or another version of it.
        ShapeError: The state is of a layer of another size.
    """
    try:
        content = json.loads(bytes(state.cpu().tolist()))
        version, names = content["version"], [str(name) for name in content["names"]]
        saved = (content["in_features"], content["out_features"])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise FileError(
            f"load_state_dict: the state of a FormulaLayer must be its own JSON; got {error!r}. "
            "Load a state dict that edgewise saved."
        ) from error
    if version != _VERSION:
        raise FileError(
            f"load_state_dict: the version of a FormulaLayer's state must be {_VERSION}; got {version!r}. "
            "Load it with the edgewise that saved it."
        )
    if saved != size:
        raise ShapeError(
            f"load_state_dict: the FormulaLayer must have (in, out) = {saved}, as the state has; got {size}. "
            "Build the model with the width it was saved with."
        )
    return names


def check_edges(count: int, edge_index: Tensor, affine: Tensor, held: Tensor, size: tuple[int, int]) -> None:
    """Refuse saved edges that do not fit the saved functions.

    Args:
        count: Number of functions.
        edge_index: Saved edges, to be of shape (count, 2).
        affine: Saved affine numbers, to be of shape (count, 4).
        held: Saved held ones, to be of the same shape, or (0, 4).
        size: Number of inputs and of outputs.

    Raises:
        FileError: A shape is wrong or an edge is out of range.
    """
    shapes_fit = edge_index.shape == (count, 2) and affine.shape == (count, 4)
    shapes_fit = shapes_fit and held.shape in ((0, 4), (count, 4))
    if not shapes_fit or not bool(((edge_index >= 0) & (edge_index < edge_index.new_tensor(size))).all()):
        raise FileError(
            f"load_state_dict: a FormulaLayer with {count} functions must have edge_index ({count}, 2) "
            f"within range, affine ({count}, 4) and held of that shape or (0, 4); got {tuple(edge_index.shape)}, "
            f"{tuple(affine.shape)} and {tuple(held.shape)}. "
            "The state dict is damaged."
        )
