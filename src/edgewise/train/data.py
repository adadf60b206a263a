"""Training data from whatever users hold: arrays, tensors, frames, pairs, dicts or a DataLoader.

All checks of data live here; what comes out is a `Data` of finite tensors of the right shapes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from ..errors import InputError, ShapeError
from .tensors import to_tensor


@dataclass(frozen=True)
class Data:
    """Samples to train on, and where given to test and to validate on.

    Args:
        x: Inputs, shape (N, in).
        y: Targets: (N, out), or class labels (N,).
        test_x: Inputs that are only ever evaluated.
        test_y: Their targets.
        validation_x: Inputs that decide when to stop and which weights are best.
        validation_y: Their targets.
        names: Names of the input columns, or None.
        weights: Weight of each training sample, shape (N,), or None.
        batches: The stream these samples came from, to be iterated again in each epoch, or None.

    Example:
        >>> Data(torch.zeros(3, 2), torch.zeros(3, 1)).samples
        3
    """

    x: Any
    y: Any
    test_x: Any = None
    test_y: Any = None
    validation_x: Any = None
    validation_y: Any = None
    names: tuple[str, ...] | None = None
    weights: Any = None
    batches: Iterable[Any] | None = None

    @property
    def samples(self) -> int:
        """Number of training samples."""
        return len(self.x)


@dataclass(frozen=True)
class Wanted:
    """What the model and the loss ask of the data.

    Args:
        dtype: Floating type of the model.
        device: Device of the model.
        inputs: Columns the model takes; None when unknown.
        outputs: Columns it gives, 0 for a flat vector of predictions; a function of some inputs that tells;
            or None when unknown.
        targets: As `Loss.targets`.
        where: Name of the function the user called, for messages.
    """

    dtype: torch.dtype = torch.float32
    device: torch.device | str = "cpu"
    inputs: int | None = None
    outputs: int | Callable[[Tensor], int] | None = None
    targets: str = "values"
    where: str = "fit"


def as_data(data: Any, wanted: Wanted | None = None, *, validation: float | None = None, seed: int = 0) -> Data:
    """Turn what users hold into checked `Data`, on the model's device and of its dtype.

    Args:
        data: A pair (x, y) of arrays, tensors, lists, frames or series; a dict with "train_input",
            "train_label" and perhaps "test_input", "test_label"; a `Data`; or a DataLoader of pairs.
        wanted: What the model asks for; None for float32 on the CPU and any width.
        validation: Share of the training samples, between 0 and 1, to set aside; None for none.
        seed: Decides which ones.

    Returns:
        New tensors, or the given ones where they already fit; nothing given is changed.

    Raises:
        InputError: values that are no finite real numbers, labels that are no classes, no samples.
        ShapeError: shapes that do not go together or with the model.

    Example:
        >>> as_data(([[0.0, 1.0], [2.0, 3.0]], [1.0, 2.0])).y.shape
        torch.Size([2, 1])
    """
    wanted = wanted or Wanted()
    raw = _raw(data, wanted.where)
    x, y = _pair(raw.x, raw.y, "x", "y", wanted)
    test_x = test_y = validation_x = validation_y = None
    if raw.test_x is not None:
        test_x, test_y = _pair(raw.test_x, raw.test_y, "test_x", "test_y", wanted)
    if raw.validation_x is not None:
        validation_x, validation_y = _pair(
            raw.validation_x, raw.validation_y, "validation_x", "validation_y", wanted
        )
    weights = None if raw.weights is None else _weights(raw.weights, len(x), wanted)
    ready = Data(
        x, y, test_x, test_y, validation_x, validation_y, raw.names or _names(raw.x), weights, raw.batches
    )
    return ready if validation is None else _set_aside(ready, validation, seed, wanted.where)


def _raw(data: Any, where: str) -> Data:
    """Find out which form the data has, without looking at values."""
    if isinstance(data, Data):
        return data
    if isinstance(data, Mapping):
        return _from_mapping(data, where)
    if isinstance(data, Sequence) and not isinstance(data, str) and len(data) == 2:
        return Data(data[0], data[1])
    if isinstance(data, Iterable) and not isinstance(data, (str, Tensor)) and hasattr(data, "dataset"):
        return _from_batches(data, where)
    raise InputError(
        f"{where}: data must be a pair (x, y), a dict with 'train_input' and 'train_label', a Data or a "
        f"DataLoader; got {type(data).__name__}. Pass for example (x, y)."
    )


def _from_mapping(data: Mapping[str, Any], where: str) -> Data:
    missing = [key for key in ("train_input", "train_label") if key not in data]
    if "test_input" in data and "test_label" not in data:
        missing.append("test_label")
    if missing:
        raise InputError(
            f"{where}: data must have the keys 'train_input' and 'train_label', and 'test_label' beside "
            f"'test_input'; got {sorted(map(str, data))}. Add {', '.join(missing)}."
        )
    return Data(data["train_input"], data["train_label"], data.get("test_input"), data.get("test_label"))


def _from_batches(loader: Iterable[Any], where: str) -> Data:
    pairs = []
    for batch in loader:
        if not isinstance(batch, (tuple, list)) or len(batch) != 2:
            raise InputError(
                f"{where}: data must be a DataLoader whose batches are pairs (x, y); got a batch of type "
                f"{type(batch).__name__}. Wrap the tensors in a TensorDataset."
            )
        pairs.append(batch)
    if not pairs:
        raise InputError(f"{where}: data must have at least one sample; got an empty DataLoader. Pass samples.")
    x, y = (torch.cat([torch.as_tensor(part) for part in parts]) for parts in zip(*pairs, strict=True))
    return Data(x, y, batches=loader)


def _pair(x: Any, y: Any, x_name: str, y_name: str, wanted: Wanted) -> tuple[Tensor, Tensor]:
    inputs = to_tensor(x, wanted.where, x_name)
    inputs = inputs.to(wanted.device, wanted.dtype)
    if y is None:
        raise InputError(f"{wanted.where}: {y_name} must be given beside {x_name}; got None. Pass both.")
    targets = to_tensor(y, wanted.where, y_name).to(wanted.device)
    if inputs.ndim == 1 and wanted.inputs in (None, 1):
        inputs = inputs[:, None]
    if inputs.ndim == 0 or len(inputs) == 0:
        raise ShapeError(
            f"{wanted.where}: {x_name} must have at least one sample; got shape {tuple(inputs.shape)}. "
            f"Pass one row a sample."
        )
    if wanted.inputs is not None and (inputs.ndim < 2 or inputs.shape[-1] != wanted.inputs):
        raise ShapeError(
            f"{wanted.where}: {x_name} must have {wanted.inputs} columns, as the model has that many inputs; "
            f"got shape {tuple(inputs.shape)}. Pass the columns the model was built for."
        )
    if targets.ndim == 0 or len(targets) != len(inputs):
        raise ShapeError(
            f"{wanted.where}: {y_name} must have one row for each of the {len(inputs)} rows of {x_name}; "
            f"got shape {tuple(targets.shape)}. Pass as many targets as samples."
        )
    outputs = wanted.outputs(inputs[:1]) if callable(wanted.outputs) else wanted.outputs
    return inputs, _targets(targets, y_name, outputs, wanted)


def _targets(y: Tensor, name: str, outputs: int | None, wanted: Wanted) -> Tensor:
    if wanted.targets == "classes" and not (y.ndim == 2 and y.shape[1] == outputs and y.shape[1] > 1):
        return _classes(y, name, outputs, wanted)
    if wanted.targets == "any" and not y.is_floating_point() and y.ndim == 1 and (outputs or 1) > 1:
        return _classes(y, name, outputs, wanted)  # a callable such as torch's CrossEntropyLoss
    y = y.to(wanted.dtype)
    if outputs == 0:
        y, outputs = y.flatten(), None
    elif y.ndim == 1 and outputs in (None, 1):
        y = y[:, None]
    if outputs is not None and (y.ndim < 2 or y.shape[-1] != outputs):
        raise ShapeError(
            f"{wanted.where}: {name} must have {outputs} columns, as the model has that many outputs; "
            f"got shape {tuple(y.shape)}. Pass targets of shape (samples, {outputs})."
        )
    if wanted.targets == "probabilities" and bool(((y < 0) | (y > 1)).any()):
        raise InputError(
            f"{wanted.where}: {name} must lie between 0 and 1 for this loss; got values from "
            f"{float(y.min()):.6g} to {float(y.max()):.6g}. Encode the two classes as 0 and 1."
        )
    return y


def _classes(y: Tensor, name: str, classes: int | None, wanted: Wanted) -> Tensor:
    labels = y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y
    if labels.ndim != 1 or bool((labels != labels.long()).any()):
        raise InputError(
            f"{wanted.where}: {name} must be one whole class number for each sample; got shape "
            f"{tuple(y.shape)} of {y.dtype}. Pass integer labels of shape (samples,)."
        )
    labels = labels.long()
    if classes is not None and bool(((labels < 0) | (labels >= classes)).any()):
        raise InputError(
            f"{wanted.where}: {name} must hold classes from 0 to {classes - 1}, as the model has {classes} "
            f"outputs; got labels from {int(labels.min())} to {int(labels.max())}. Build the model with one "
            f"output a class, and number the classes from 0."
        )
    return labels


def _weights(weights: Any, samples: int, wanted: Wanted) -> Tensor:
    tensor = to_tensor(weights, wanted.where, "weights").to(wanted.device, wanted.dtype).reshape(-1)
    if len(tensor) != samples or bool((tensor < 0).any()) or not bool((tensor > 0).any()):
        raise InputError(
            f"{wanted.where}: weights must be {samples} numbers, none negative and not all zero; got "
            f"{len(tensor)}, the least {float(tensor.min()) if len(tensor) else float('nan'):.6g}. "
            f"Pass one weight a sample."
        )
    return tensor


def _names(x: Any) -> tuple[str, ...] | None:
    columns = getattr(x, "columns", None)
    return None if columns is None else tuple(str(name) for name in columns)


def _set_aside(data: Data, share: float, seed: int, where: str) -> Data:
    if not (isinstance(share, (int, float)) and 0 < share < 1):
        raise InputError(
            f"{where}: validation must be a share between 0 and 1; got {share!r}. Pass for example 0.2."
        )
    if data.validation_x is not None:
        return data
    count = max(1, round(share * data.samples))
    if count >= data.samples:
        raise InputError(
            f"{where}: validation must leave samples to train on; got {share!r} of {data.samples}. "
            f"Pass more samples, or no validation."
        )
    order = torch.randperm(data.samples, generator=torch.Generator().manual_seed(seed)).to(data.x.device)
    kept, aside = order[count:].sort().values, order[:count].sort().values
    return replace(
        data,
        x=data.x[kept],
        y=data.y[kept],
        validation_x=data.x[aside],
        validation_y=data.y[aside],
        weights=None if data.weights is None else data.weights[kept],
        batches=None,
    )
