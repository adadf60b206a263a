"""Outputs and losses of a model, for data in the form that users hold."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from ..network import split_targets, without_targets
from .data.data import as_data
from .evaluation import Evaluation
from .objective.loss import Loss, LossFunction, as_loss
from .objective.metrics import as_metrics
from .outputs import predict_in_chunks


def predict(model: nn.Module, x: Any) -> Any:
    """Give the outputs in the kind of container that came in, without a graph.

    Args:
        model: Left as it is.
        x: Tensor, array, list, frame or series, shape (N, in); or a pair, a dict or a `Data` that holds such inputs.

    Returns:
        A tensor for a tensor; a frame with the same index for a frame; else an array; shape (N, out).

    Raises:
        InputError: values that are no finite real numbers, or a frame with some of the model's columns only.
        ShapeError: another number of columns than the model has inputs.

    Example:
        >>> from edgewise.network import build
        >>> predict(build([2, 1]), [[0.0, 0.5]]).shape
        (1, 1)
    """
    x, _ = split_targets(x, model, "predict")
    outputs = predict_in_chunks(model, without_targets(x, model, "predict"))
    if isinstance(x, Tensor):
        return outputs
    array = outputs.cpu().float().numpy() if outputs.itemsize < 4 else outputs.cpu().numpy()
    if not hasattr(x, "columns"):
        return array
    return type(x)(array, index=x.index) if hasattr(x, "index") else type(x)(array)


def evaluate(
    model: nn.Module, data: Any, *, loss: str | LossFunction | Loss = "mse", metrics: Any = None
) -> dict[str, float]:
    """Measure loss and metrics, without changing anything.

    Args:
        model: Left as it is.
        data: As for `fit`; test data is measured too.
        loss: As for `fit`.
        metrics: As for `fit`.

    Returns:
        "train_loss" (RMSE for a mean square) and the raw loss and metrics under their names; with test
        data also "test_loss" and "test_" before the metrics' names.

    Example:
        >>> from edgewise.network import build
        >>> sorted(evaluate(build([1, 1]), ([[0.0], [1.0]], [0.0, 1.0]), metrics="r2"))
        ['mse', 'r2', 'train_loss']
    """
    criterion = as_loss(loss)
    prepared = as_data(data, model, loss=criterion, whole=True, where="evaluate")
    return Evaluation(model, prepared, criterion, as_metrics(metrics)).measure()
