"""Training data from whatever users hold: arrays, tensors, frames, pairs, dicts or a DataLoader.

All data passes this door; what comes out is a `Data` of finite tensors of the right shapes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from ..._checks import is_number
from ..._tensors import to_tensor
from ...errors import InputError, ShapeError
from ...network import by_name, column_labels, input_tensor
from ..objective.loss import Loss
from .spec import DataSpec, data_spec
from .targets import as_targets

_HEAD_ROWS = 65536
"""So many rows of a stream are held in memory; L-BFGS and a validation split ask for all of them."""


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
        complete: Whether the samples are all there are in the stream.

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
    complete: bool = True

    @property
    def samples(self) -> int:
        """Number of training samples held."""
        return len(self.x)


def as_data(
    data: Any,
    model: nn.Module | None = None,
    *,
    loss: Loss | None = None,
    validation: float | None = None,
    seed: int = 0,
    whole: bool = False,
    where: str = "fit",
) -> Data:
    """Turn what users hold into checked `Data`, on the model's device and of its dtype.

    Args:
        data: A pair (x, y) of arrays, tensors, lists, frames or series; a dict with "train_input",
            "train_label" and perhaps "test_input", "test_label"; a `Data`; or a DataLoader of pairs.
        model: Whose device, dtype and width count; None for float32 on the CPU and any width.
        loss: Decides what targets must be; None while it is not known.
        validation: Share of the training samples, between 0 and 1, to set aside; None for none.
        seed: Decides which ones.
        whole: Whether all of a long stream must be held in memory.
        where: Name of the function the user called, for messages.

    Returns:
        New tensors, or the given ones where they already fit; nothing given is changed.

    Raises:
        InputError: values that are no finite real numbers, labels that are no classes, no samples.
        ShapeError: shapes that do not go together or with the model.

    Example:
        >>> as_data(([[0.0, 1.0], [2.0, 3.0]], [1.0, 2.0])).y.shape
        torch.Size([2, 1])
    """
    wanted = data_spec(model, loss, where)
    raw = _raw(data, where, None if whole or validation is not None else _HEAD_ROWS)
    _refuse_tensors_without_numbers(raw, where)
    names = _names(raw, wanted)
    # Test and validation samples of a model without names follow the order of the training samples.
    wanted = wanted if names is None or wanted.names is not None else replace(wanted, names=names)
    pairs: dict[str, Any] = {}
    for prefix in ("", "test_", "validation_"):
        x, y = getattr(raw, f"{prefix}x"), getattr(raw, f"{prefix}y")
        given = not prefix or x is not None
        pairs[f"{prefix}x"], pairs[f"{prefix}y"] = _pair(x, y, prefix, wanted) if given else (None, None)
    weights = None if raw.weights is None else _weights(raw.weights, len(raw.x), wanted)
    ready = replace(raw, **pairs, names=names, weights=weights)
    return ready if validation is None else _set_aside(ready, validation, seed, where)


def _refuse_tensors_without_numbers(raw: Data, where: str) -> None:
    """A tensor that does its own arithmetic would mix with the model's, which is changed in place."""
    for name in ("x", "y", "test_x", "test_y", "validation_x", "validation_y", "weights"):
        value = getattr(raw, name)
        if isinstance(value, Tensor) and type(value).__torch_dispatch__ is not Tensor.__torch_dispatch__:
            raise InputError(
                f"{where}: {name} must be a plain tensor; got a {type(value).__name__}. Pass the numbers that it "
                f"stands for, as full_tensor() of a DTensor."
            )


def _raw(data: Any, where: str, rows: int | None) -> Data:
    """Find out which form the data has, without looking at values."""
    if isinstance(data, Data):
        if data.batches is None or data.complete or rows is not None:
            return data
        return replace(_from_batches(data.batches, where, None), test_x=data.test_x, test_y=data.test_y)
    if isinstance(data, Mapping):
        return _from_mapping(data, where)
    if isinstance(data, Sequence) and not isinstance(data, str) and len(data) == 2:
        return Data(data[0], data[1])
    if isinstance(data, Iterable) and not isinstance(data, (str, Tensor)) and hasattr(data, "dataset"):
        return _from_batches(data, where, rows)
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


def _from_batches(loader: Iterable[Any], where: str, rows: int | None) -> Data:
    pairs, held, complete = [], 0, True
    # A loader shuffles by the global generator: looking into it must not move that.
    with torch.random.fork_rng(devices=[]):
        for batch in loader:
            if rows is not None and held >= rows:
                complete = False
                break
            pairs.append(pair_of(batch, where))
            held += len(pairs[-1][0])
    if not pairs:
        raise InputError(
            f"{where}: data must have at least one sample; got an empty DataLoader. Pass samples."
        )
    x, y = (torch.cat([torch.as_tensor(part) for part in parts]) for parts in zip(*pairs, strict=True))
    return Data(x, y, batches=loader, complete=complete)


def pair_of(batch: Any, where: str = "fit") -> tuple[Any, Any]:
    """Check that a loader's batch is a pair (x, y).

    Example:
        >>> pair_of([1, 2])
        (1, 2)
    """
    if not isinstance(batch, (tuple, list)) or len(batch) != 2:
        raise InputError(
            f"{where}: data must be a DataLoader whose batches are pairs (x, y); got a batch of type "
            f"{type(batch).__name__}. Wrap the tensors in a TensorDataset."
        )
    return batch[0], batch[1]


def _pair(x: Any, y: Any, prefix: str, wanted: DataSpec) -> tuple[Tensor, Tensor]:
    inputs = input_tensor(x, wanted.where, f"{prefix}x", wanted)
    if y is None:
        raise InputError(f"{wanted.where}: {prefix}y must be given beside {prefix}x; got None. Pass both.")
    targets = to_tensor(y, wanted.where, f"{prefix}y").to(wanted.device)
    if targets.ndim == 0 or len(targets) != len(inputs):
        raise ShapeError(
            f"{wanted.where}: {prefix}y must have one row for each of the {len(inputs)} rows of {prefix}x; "
            f"got shape {tuple(targets.shape)}. Pass as many targets as samples."
        )
    return inputs, as_targets(targets, f"{prefix}y", wanted.knowing(inputs))


def _weights(weights: Any, samples: int, wanted: DataSpec) -> Tensor:
    tensor = to_tensor(weights, wanted.where, "weights").to(wanted.device, wanted.dtype).reshape(-1)
    if len(tensor) != samples or bool((tensor < 0).any()) or not bool((tensor > 0).any()):
        raise InputError(
            f"{wanted.where}: weights must be {samples} numbers, none negative and not all zero; got "
            f"{len(tensor)} numbers from {float(tensor.min()):.6g} to {float(tensor.max()):.6g}. "
            f"Pass one weight a sample."
        )
    return tensor


def _names(data: Data, wanted: DataSpec) -> tuple[str, ...] | None:
    """Names of the columns of the training inputs, in the model's order."""
    labels = column_labels(data.x)
    if data.names is None:
        return (
            None
            if labels is None
            else tuple(column_labels(by_name(data.x, wanted.where, "x", wanted.names)) or ())
        )
    names = tuple(map(str, data.names))
    if wanted.names is None or names == wanted.names or set(names) != set(wanted.names):
        return names
    raise InputError(
        f"{wanted.where}: the columns must be in the model's order {wanted.names}; got {names}. "
        f"Reorder them, for example x[list(model.input_names)]."
    )


def _set_aside(data: Data, share: float, seed: int, where: str) -> Data:
    if not (is_number(share) and 0 < share < 1):
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
    order = torch.randperm(data.samples, generator=torch.Generator().manual_seed(int(seed))).to(data.x.device)
    aside, kept = order[:count].sort().values, order[count:].sort().values
    return replace(
        data,
        x=data.x[kept],
        y=data.y[kept],
        validation_x=data.x[aside],
        validation_y=data.y[aside],
        weights=None if data.weights is None else data.weights[kept],
        batches=None,
    )
