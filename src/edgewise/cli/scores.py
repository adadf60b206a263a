"""How good predictions are, in the words people use."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor


def measure(estimator: Any, table: Any, truth: Any, outputs: Tensor | None = None) -> dict[str, float]:
    """Scores of an estimator on a table.

    Args:
        estimator: A fitted one.
        table: Inputs.
        truth: Values or classes.
        outputs: What the network, or a formula in its place, gives; the estimator's own if None.

    Returns:
        "rmse", "mae" and "r2" for values; "accuracy" and "log_loss" for classes.
    """
    if not hasattr(estimator, "classes_"):
        values = estimator.predict(table) if outputs is None else outputs.numpy()[:, 0]
        return score_values(values, np.asarray(truth, dtype=np.float64))
    shares = estimator.predict_proba(table) if outputs is None else probabilities(outputs)
    return score_classes(shares, estimator.classes_, truth)


def probabilities(logits: Tensor) -> np.ndarray:
    """Probabilities from logits, one for two classes or one a class, shape (n, classes).

    Example:
        >>> probabilities(torch.zeros(1, 1)).tolist()
        [[0.5, 0.5]]
    """
    if logits.shape[1] == 1:
        logits = torch.cat([torch.zeros_like(logits), logits], dim=1)
    return logits.softmax(1).numpy()


def score_values(values: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """Root mean square error, mean absolute error, and share of the variance explained.

    Example:
        >>> score_values(np.array([1.0, 2.0]), np.array([1.0, 2.0]))["r2"]
        1.0
    """
    gap, spread = values - truth, truth - truth.mean()
    total = float(np.mean(spread**2))
    return {
        "rmse": float(np.sqrt(np.mean(gap**2))),
        "mae": float(np.abs(gap).mean()),
        "r2": 1 - float(np.mean(gap**2)) / total if total > 0 else float("nan"),
    }


def score_classes(shares: np.ndarray, classes: np.ndarray, truth: Any) -> dict[str, float]:
    """Share of right classes, and mean of minus the logarithm of the right one's probability.

    Example:
        >>> score_classes(np.array([[0.5, 0.5]]), np.array(["a", "b"]), np.array(["a"]))["accuracy"]
        1.0
    """
    places = {label: place for place, label in enumerate(classes)}
    rows = [(row, places[label]) for row, label in enumerate(truth) if label in places]
    right = [shares[row, place] for row, place in rows]
    unknown = [1e-9] * (len(truth) - len(rows))
    losses = -np.log(np.maximum(np.array([*right, *unknown]), 1e-9))
    accuracy = np.mean(classes[shares.argmax(1)] == np.asarray(truth))
    return {"accuracy": float(accuracy), "log_loss": float(losses.mean())}
