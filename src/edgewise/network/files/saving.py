"""Save and load models: tensors in safetensors, everything else as JSON in the header.

Loading executes no code from the file: functions are looked up by name, in the library or among those passed by
the caller.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from ..._atomic import target_of
from ...errors import FileError
from ...functions import Function
from ..network import Network
from ..replaced import keep_replaced, note_training
from ..scaler import Scaler
from .layer_file import describe_layer, listed, read_layer, text, whole
from .tensor_file import read_container, write_container

FORMAT = 2
"""2: the network that formulas replaced may be in the file, and the splines have no scale beside coefficients."""
_KIND = "edgewise"
_REPLACED = "replaced."


def save(model: Network, path: str | os.PathLike[str]) -> None:
    """Write a model to one file, atomically.

    Args:
        model: Architecture, grids, masks, formulas and scalers are all stored, and the network that the
            formulas replaced. Functions of your own (bases or
            symbolic) are stored by name and must be passed to `load`.
        path: File to write; an existing one is replaced.

    Raises:
        InputError: the folder does not exist, or the path is a folder.

    Example:
        >>> import tempfile, os
        >>> from edgewise.network import build
        >>> path = os.path.join(tempfile.mkdtemp(), "model.safetensors")
        >>> save(build([2, 5, 1]), path)
        >>> load(path).width
        (2, 5, 1)
    """
    tensors, header = model_tensors(model), model_header(model)
    if model.replaced is not None:
        tensors |= {f"{_REPLACED}{name}": value for name, value in model_tensors(model.replaced).items()}
        header |= {"replaced": model_header(model.replaced)}
    write_container(target_of("save", path), tensors, header, _KIND)


def load(
    path: str | os.PathLike[str],
    *,
    functions: Mapping[str, Function] | None = None,
    bases: Mapping[str, Callable[[Tensor], Tensor]] | None = None,
    device: torch.device | str = "cpu",
) -> Network:
    """Load a model from a file written by `save`; its original arguments are not needed.

    Args:
        path: The file.
        functions: Your own symbolic functions by name, if the model uses any.
        bases: Your own base functions by name, if the model uses any.
        device: Device of the model, whatever device it was saved from.

    Raises:
        FileError: the file is missing, damaged, not written by `save`, of a newer format, or needs a function
            that was not passed.
    """
    tensors, header = read_container(path, _KIND, newest=FORMAT, where="load", device=device)
    try:
        return _with_replaced(tensors, header, functions or {}, bases or {})
    except FileError:
        raise
    except (
        KeyError,
        TypeError,
        ValueError,
        IndexError,
        AttributeError,
        ArithmeticError,
        RuntimeError,
    ) as error:
        raise FileError(
            f"load: {str(path)!r} must be a whole edgewise file; its parts do not fit together ({error}). "
            f"Get an undamaged copy."
        ) from error


def model_tensors(model: Network) -> dict[str, Tensor]:
    """All tensors of a model by name, as a file holds them."""
    state = model.state_dict()
    return {name: value.detach() for name, value in state.items() if not name.endswith("_extra_state")}


def model_header(model: Network) -> dict[str, Any]:
    """What a file says of a model beside its tensors."""
    return {
        "format": FORMAT,
        "n_columns": model.n_columns,
        "input_names": model.input_names,
        "layers": [describe_layer(layer) for layer in model.layers],
    }


def _with_replaced(
    tensors: Mapping[str, Tensor],
    header: Mapping[str, Any],
    functions: Mapping[str, Function],
    bases: Mapping[str, Callable[[Tensor], Tensor]],
) -> Network:
    """The model of a file, with the network that its formulas replaced where the file has one."""
    left = dict(tensors)
    part = _take(left, _REPLACED)
    model = _network(left, header, functions, bases)
    note_training(model)
    if "replaced" not in header:
        if part:
            raise FileError("load: the file has tensors of a network that was replaced, and not its header.")
        return model
    replaced = _network(part, header["replaced"], functions, bases)
    outputs = replaced.layers[-1].out_features
    if replaced.n_columns != model.n_columns or outputs != model.layers[-1].out_features:
        raise FileError("load: the network that was replaced must have the model's inputs and outputs.")
    keep_replaced(model, replaced)
    return model


def _network(
    tensors: Mapping[str, Tensor],
    header: Mapping[str, Any],
    functions: Mapping[str, Function],
    bases: Mapping[str, Callable[[Tensor], Tensor]],
) -> Network:
    entries = listed(header["layers"], "layers")
    # Taken out as they are used: what is left over belongs to no part of a model.
    left = dict(tensors)
    layers = [
        read_layer(entry, _take(left, f"layers.{layer}."), functions, bases)
        for layer, entry in enumerate(entries)
    ]
    scalers = {name: _scaler(_take(left, f"{name}.")) for name in ("input_scaler", "output_scaler")}
    model = Network(layers, **scalers)
    model.n_columns = whole(header["n_columns"], "n_columns", 1)
    columns = left.pop("columns")
    _check_dtypes(model, scalers)
    if left:
        raise FileError(f"load: every tensor must belong to the model; got {sorted(left)[0]!r:.80} besides.")
    _check_columns(columns, model)
    model.select_columns(columns)
    model.input_names = _names(header["input_names"], model.n_columns)
    model.is_trained = True
    return model


def _take(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    names = [name for name in tensors if name.startswith(prefix)]
    return {name[len(prefix) :]: tensors.pop(name) for name in names}


def _scaler(part: Mapping[str, Tensor]) -> Scaler | None:
    if part and set(part) != {"shift", "scale"}:
        raise FileError(f"load: a scaler must have shift and scale; got {sorted(part)}. The file is damaged.")
    return Scaler(part["shift"], part["scale"]) if part else None


def _check_dtypes(model: Network, scalers: Mapping[str, Scaler | None]) -> None:
    parts: list[Tensor] = [layer.basis.coef for layer in model.layers]
    parts += [scaler.shift for scaler in scalers.values() if scaler is not None]
    parts += [scaler.scale for scaler in scalers.values() if scaler is not None]
    if len({part.dtype for part in parts}) != 1:
        raise FileError("load: all parts of a model must be of one data type; the file is damaged.")


def _check_columns(columns: Tensor, model: Network) -> None:
    fit = columns.dtype == torch.int64 and columns.shape == (model.layers[0].in_features,)
    if not fit or not bool(((columns >= 0) & (columns < model.n_columns)).all()):
        raise FileError("load: columns must fit the first layer; the file is damaged.")


def _names(names: object, count: int) -> tuple[str, ...] | None:
    if names is None:
        return None
    found = tuple(text(name, "input_names") for name in listed(names, "input_names"))
    if len(found) != count or len(set(found)) != count:
        raise FileError("load: input names must fit the columns; the file is damaged.")
    return found
