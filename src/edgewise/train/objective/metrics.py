"""What else is measured at each step, by name or as callables of predictions and targets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor

from ...errors import InputError, unknown_name

Metric = Callable[[Tensor, Tensor], Any]


def r2(prediction: Tensor, target: Tensor) -> Tensor:
    """Share of the variance explained, over all outputs together; 1 is perfect.

    Example:
        >>> r2(torch.tensor([[1.0], [2.0]]), torch.tensor([[1.0], [2.0]]))
        tensor(1.)
    """
    centred = target - target.mean(0)
    size = (
        centred.abs().max().clamp_min(torch.finfo(centred.dtype).tiny)
    )  # whose square need not be in the type
    left = ((prediction - target) / size).square().sum()
    total = (centred / size).square().sum()
    return 1 - left / total.clamp_min(torch.finfo(total.dtype).tiny)


def accuracy(prediction: Tensor, target: Tensor) -> Tensor:
    """Share of samples whose class is right: the largest logit, or the sign of a single one.

    Example:
        >>> accuracy(torch.tensor([[2.0, 1.0], [0.0, 1.0]]), torch.tensor([0, 0]))
        tensor(0.5000)
    """
    if prediction.shape[-1] > 1:
        classes = target.argmax(-1) if target.ndim == prediction.ndim else target
        return (prediction.argmax(-1) == classes).double().mean().to(prediction.dtype)
    return ((prediction > 0) == (target > 0.5).reshape(prediction.shape)).double().mean().to(prediction.dtype)


def _rmse(prediction: Tensor, target: Tensor) -> Tensor:
    error = prediction - target
    size = error.abs().max().clamp_min(torch.finfo(error.dtype).tiny)
    return size * (error / size).square().mean().sqrt()


METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        "r2": r2,
        "accuracy": accuracy,
        "mae": lambda prediction, target: (prediction - target).abs().mean(),
        "rmse": _rmse,
        "max_error": lambda prediction, target: (prediction - target).abs().max(),
    }
)


def as_metrics(metrics: Any) -> dict[str, Metric]:
    """Turn what the user gave into metrics by name.

    Args:
        metrics: None, a name ("r2", "accuracy", "mae", "rmse", "max_error"), a callable(prediction, target),
            a list of these, or a dict from names to callables.

    Raises:
        UnknownName: no metric has this name.
        InputError: not a metric, or two of one name.

    Example:
        >>> list(as_metrics("r2"))
        ['r2']
    """
    if metrics is None:
        return {}
    if isinstance(metrics, Mapping):
        pairs = [(str(name), metric) for name, metric in metrics.items()]
    elif isinstance(metrics, Iterable) and not isinstance(metrics, str):
        pairs = [_pair(metric) for metric in metrics]
    else:
        pairs = [_pair(metrics)]
    for name, metric in pairs:
        if not callable(metric):
            raise InputError(
                f"fit: metrics must be callables of (prediction, target); got {metric!r} as {name!r}."
            )
    named = dict(pairs)
    if len(named) < len(pairs):
        raise InputError(
            f"fit: metrics must have different names; got {[name for name, _ in pairs]}. Pass a dict of names."
        )
    return named


def _pair(metric: Any) -> tuple[str, Metric]:
    if isinstance(metric, str):
        if metric not in METRICS:
            raise unknown_name("fit", "metrics", metric, METRICS)
        return metric, METRICS[metric]
    return getattr(metric, "__name__", type(metric).__name__), metric
