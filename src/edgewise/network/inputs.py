"""Conversion of samples: whatever users pass becomes a tensor that the model accepts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from typing import Any

import torch
from torch import Tensor, nn

from .._tensors import to_tensor
from ..errors import InputError, ShapeError
from .formula_domain import defined_rows
from .network import Network

_DRAWN = 4096
_MOST = 1000


@dataclass(frozen=True)
class InputSpec:
    """What a model asks of its inputs.

    Args:
        dtype: Floating type of the model.
        device: Device of the model.
        inputs: Columns the model takes; None when unknown.
        names: The model's names of its columns, or None.
    """

    dtype: torch.dtype = torch.float32
    device: torch.device | str = "cpu"
    inputs: int | None = None
    names: tuple[str, ...] | None = None


def input_spec(model: nn.Module | None) -> InputSpec:
    """Read off a model what its inputs must be.

    Args:
        model: A network or any module; None for float32 on the CPU and any number of columns.

    Example:
        >>> input_spec(nn.Linear(2, 1)).dtype
        torch.float32
    """
    if model is None:
        return InputSpec()
    if isinstance(model, Network):
        return InputSpec(model.dtype, model.device, model.n_columns, model.input_names)
    tensors = [t for t in (*model.parameters(), *model.buffers()) if t.is_floating_point()]
    if not tensors:
        return InputSpec(torch.get_default_dtype())
    return InputSpec(tensors[0].dtype, tensors[0].device)


def as_inputs(x: Any, model: nn.Module | None, where: str) -> Tensor:
    """Convert samples in any form to a tensor that the model accepts.

    Columns of a frame are matched by the model's names, in any order; others are ignored.

    Args:
        x: Tensor, array, list, frame or series of numbers of any dtype; a pair (x, y), a dict with
            "train_input", or a `Data`, whose targets are ignored.
        model: A network or any module; None for float32 on the CPU and any number of columns.
        where: Name of the function the user called, for messages.

    Returns:
        Samples on the model's device and of its dtype, shape (batch, n_columns); for a module that is not
        a network, unchanged. Columns that the network does not read may hold anything.

    Raises:
        InputError: no samples, or values that are not finite real numbers.
        ShapeError: the number of columns does not match the model.

    Example:
        >>> from edgewise.network import build
        >>> as_inputs([[0, 1]], build([2, 1]), "trace")
        tensor([[0., 1.]])
    """
    return inputs_and_targets(x, model, where)[0]


def inputs_and_targets(data: Any, model: nn.Module | None, where: str) -> tuple[Tensor, Any]:
    """As `as_inputs`, with the targets as they came, or None.

    Example:
        >>> from edgewise.network import build
        >>> inputs_and_targets(([[0, 1]], [2]), build([2, 1]), "symbolify")
        (tensor([[0., 1.]]), [2])
    """
    x, y = split_targets(data, model, where)
    inputs = without_targets(x, model, where)
    return (inputs.reshape(-1, model.n_columns) if isinstance(model, Network) else inputs), y


def without_targets(x: Any, model: nn.Module | None, where: str) -> Tensor:
    """As `as_inputs`, for inputs that come alone, and whose leading dimensions stay.

    Example:
        >>> from edgewise.network import build
        >>> without_targets([[[0, 1]]], build([2, 1]), "predict")
        tensor([[[0., 1.]]])
    """
    spec = input_spec(model)
    if not isinstance(model, Network):
        return input_tensor(x, where, "x", spec)
    inputs = input_tensor(x, where, "x", spec, finite=False)
    _refuse_not_finite(model, inputs, where)
    return inputs


def inputs_or_default(x: Any, model: Network, where: str) -> Tensor:
    """As `as_inputs`, and `default_inputs` where `x` is None.

    Example:
        >>> from edgewise.network import build
        >>> inputs_or_default(None, build([2, 1]), "plot").shape
        torch.Size([1000, 2])
    """
    return default_inputs(model) if x is None else as_inputs(x, model, where)


def split_targets(data: Any, model: nn.Module | None, where: str) -> tuple[Any, Any]:
    """Find the inputs, and the targets or None, in what users hold, without looking at values.

    A tuple or list of two tables is a pair; so is a tuple of two vectors where the model has one input. Other
    sequences hold samples.

    Args:
        data: As for `as_inputs`.
        model: A network or any module, or None.
        where: Name of the function the user called, for messages.

    Example:
        >>> split_targets({"train_input": [[1.0]], "train_label": [2.0]}, None, "trace")
        ([[1.0]], [2.0])
    """
    if data is None:
        raise InputError(f"{where}: samples are needed; got None. Pass x.")
    if isinstance(data, Mapping):
        if "train_input" not in data:
            raise InputError(
                f"{where}: x must have the key 'train_input'; got {sorted(map(str, data))}. Add it, or pass an array."
            )
        return data["train_input"], data.get("train_label")
    # Frames, too, may have something called x; a `Data` is told by being a dataclass.
    if is_dataclass(data) and hasattr(data, "x"):
        return data.x, getattr(data, "y", None)
    if isinstance(data, (tuple, list)) and _holds_parts(data, model):
        if len(data) != 2:
            raise InputError(
                f"{where}: x must be one table or a pair (x, y); got {len(data)} tables. Pass one, or join them."
            )
        return data[0], data[1]
    return data, None


def _holds_parts(data: Sequence[Any], model: nn.Module | None) -> bool:
    """Whether a sequence holds inputs and targets, rather than samples."""
    dimensions = _dimensions(data[0]) if len(data) else 0
    if len(data) != 2:
        return dimensions > 1 and not isinstance(data[0], (tuple, list)) and len(data) > 1
    columns = model.n_columns if isinstance(model, Network) else 1
    return dimensions > 1 or (dimensions == 1 and columns == 1 and isinstance(data, tuple))


def _dimensions(values: Any) -> int:
    if hasattr(values, "columns"):
        return 2
    if isinstance(values, (tuple, list)):
        return 1 + (_dimensions(values[0]) if len(values) else 0)
    return len(values.shape) if hasattr(values, "shape") else 0


def input_tensor(x: Any, where: str, name: str, spec: InputSpec, *, finite: bool = True) -> Tensor:
    """Turn an array, list or frame into a tensor as `spec` asks, of whatever leading dimensions.

    Args:
        x: The values.
        where: Name of the function the user called, for messages.
        name: Name of the argument, for messages.
        spec: What the model asks.
        finite: Whether NaN and infinities are refused.

    Example:
        >>> input_tensor([[1, 2]], "fit", "x", InputSpec()).dtype
        torch.float32
    """
    x = by_name(x, where, name, spec.names)
    given = to_tensor(x, where, name, finite=finite)
    inputs = given.to(spec.device, spec.dtype)
    if inputs.ndim == 1 and spec.inputs in (None, 1):
        inputs = inputs[:, None]
    if spec.inputs is not None and (inputs.ndim < 2 or inputs.shape[-1] != spec.inputs):
        raise ShapeError(
            f"{where}: {name} must have {spec.inputs} columns, as the model has that many inputs; "
            f"got shape {tuple(inputs.shape)}. Pass the columns the model was built for."
        )
    if inputs.numel() == 0:
        raise ShapeError(
            f"{where}: {name} must hold at least one sample; got shape {tuple(inputs.shape)}. Pass one row a sample."
        )
    if finite and given.dtype != spec.dtype and not bool(torch.isfinite(inputs).all()):
        raise InputError(
            f"{where}: {name} must fit into the model's {spec.dtype}; got values up to "
            f"{float(given.abs().max()):.3g}. Scale them, or bring the model to float64."
        )
    return inputs


def by_name(x: Any, where: str, name: str, names: Sequence[str] | None) -> Any:
    """Take a frame's columns by the model's names; anything else, and a frame of other names, as it is.

    Raises:
        InputError: only some of the model's columns are there.

    Example:
        >>> by_name([[1.0]], "fit", "x", ("a",))
        [[1.0]]
    """
    labels = column_labels(x)
    if labels is None or names is None or tuple(labels) == tuple(names):
        return x
    missing = [column for column in names if column not in labels]
    if len(missing) == len(names):
        return x
    if missing:
        raise InputError(
            f"{where}: {name} must have the columns {tuple(names)}; got {tuple(labels)}. "
            f"Add or rename {', '.join(missing)}."
        )
    return x[[labels[column] for column in names]]


def column_labels(x: Any) -> dict[str, Any] | None:
    """Names of a frame's columns, each with the frame's own label; None for what has no named columns.

    Example:
        >>> column_labels([[1.0]]) is None
        True
    """
    columns = getattr(x, "columns", None)
    return None if columns is None else {str(label): label for label in columns}


def _refuse_not_finite(model: Network, x: Tensor, where: str) -> None:
    """Check what the first layer sees: what the model does not read may be anything."""
    bad = ~torch.isfinite(model.prepare_inputs(x)).reshape(-1, len(model.columns))
    if bool(bad.any()):
        column = model.names[int(bad.any(0).nonzero()[0])]
        raise InputError(
            f"{where}: x must be finite; got NaN or infinity in {int(bad.any(1).sum())} of {len(bad)} rows, "
            f"the first in column {column}. Drop or fill these rows."
        )


@torch.no_grad()
def default_inputs(model: Network) -> Tensor:
    """Points spread evenly over the first layer's grid, for functions whose samples are optional.

    Always the same: the first 1000 points of a Sobol sequence at which every function of the network is
    defined; columns that are not read are 0.

    Args:
        model: Not modified.

    Returns:
        Samples in the units of the data, shape (1000, n_columns), or fewer if the functions are rarely
        defined.

    Example:
        >>> from edgewise.network import build
        >>> default_inputs(build([2, 1], grid_range=(-3, 3))).aminmax().max.round()
        tensor(3.)
    """
    low, high = (end.cpu().double() for end in model.layers[0].basis.interval())
    unit = torch.quasirandom.SobolEngine(len(low)).draw(_DRAWN, dtype=torch.float64)
    inside = (low + (high - low) * unit).to(model.device, model.dtype)
    if model.input_scaler is not None:
        inside = model.input_scaler.inverse(inside)
    x = inside.new_zeros(_DRAWN, model.n_columns)
    x[:, model.columns] = inside
    seen = model.prepare_inputs(x).to(low)
    x = x[((low <= seen) & (seen <= high)).all(1)]  # rounding may take a point out of a grid that forbids it
    fine = defined_rows(model, x)
    return x[fine][:_MOST] if bool(fine.any()) else x[:_MOST]
