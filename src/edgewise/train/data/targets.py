"""Checks of targets: values shaped as the predictions, classes, or probabilities."""

from __future__ import annotations

from torch import Tensor

from ...errors import InputError, ShapeError
from .spec import DataSpec


def as_targets(y: Tensor, name: str, wanted: DataSpec) -> Tensor:
    """Shape and type the targets as the model's outputs and the loss ask.

    One-dimensional labels become a column where the model has one output, so that they never broadcast
    against its predictions; whole class numbers stay a vector of `long`.

    Args:
        y: One entry or row a sample.
        name: Name of the argument, for messages.
        wanted: Its `outputs` is a number or None.

    Raises:
        InputError: labels that are no classes, or probabilities outside [0, 1].
        ShapeError: another number of columns than the model has outputs.

    Example:
        >>> import torch
        >>> as_targets(torch.tensor([1.0, 2.0]), "y", DataSpec(outputs=1)).shape
        torch.Size([2, 1])
    """
    outputs = wanted.outputs if isinstance(wanted.outputs, int) else None
    several = outputs is not None and outputs > 1
    if wanted.targets == "classes" and not (several and y.shape == (len(y), outputs)):
        return _classes(y, name, outputs, wanted.where)
    if wanted.targets == "unknown" and several and y.ndim == 1:
        return y  # perhaps classes: the loss will tell
    if wanted.targets == "any" and several and y.ndim == 1 and not y.is_floating_point():
        return _classes(y, name, outputs, wanted.where)
    return _values(y.to(wanted.dtype), name, outputs, wanted)


def _values(y: Tensor, name: str, outputs: int | None, wanted: DataSpec) -> Tensor:
    if outputs == 0:
        y, outputs = (y.flatten() if y.numel() == len(y) else y), None
        if y.ndim != 1:
            raise ShapeError(
                f"{wanted.where}: {name} must be one number for each sample, as the model's predictions are; "
                f"got shape {tuple(y.shape)}. Pass targets of shape (samples,)."
            )
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


def _classes(y: Tensor, name: str, classes: int | None, where: str) -> Tensor:
    labels = y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y
    if labels.ndim != 1 or bool((labels != labels.long()).any()):
        raise InputError(
            f"{where}: {name} must be one whole class number for each sample; got shape "
            f"{tuple(y.shape)} of {y.dtype}. Pass integer labels of shape (samples,)."
        )
    if classes is not None and classes < 2:
        raise ShapeError(
            f"{where}: the model must have one output for each class with this loss; got {max(classes, 1)} output. "
            f"Build it with more, or use loss='bce' for two classes."
        )
    labels = labels.long()
    if classes is not None and bool(((labels < 0) | (labels >= classes)).any()):
        raise InputError(
            f"{where}: {name} must hold classes from 0 to {classes - 1}, as the model has {classes} outputs; "
            f"got labels from {int(labels.min())} to {int(labels.max())}. Build the model with one output a "
            f"class, and number the classes from 0."
        )
    return labels
