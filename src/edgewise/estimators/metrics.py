"""How far off predictions are: of values, of classes and of their probabilities, with intervals."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.metrics import mean_pinball_loss, mean_tweedie_deviance, roc_auc_score, roc_curve

from .losses import SQUARED_ERROR, Loss

LEVELS = (0.05, 0.5, 0.95)
"""Of the quantiles that the quantile loss looks at."""

_BINS = 10
_LEAST_FOR_INTERVALS = 10


def score_values(
    values: np.ndarray,
    truth: np.ndarray,
    weights: np.ndarray | None = None,
    loss: Loss = SQUARED_ERROR,
) -> dict[str, float]:
    """Root mean square error, mean absolute error, share of the variance explained, and the score of the loss.

    Args:
        values: Predictions, (n,).
        truth: What was to be predicted.
        weights: Of the rows; None for equal ones.
        loss: What the predictions were trained for: of quantiles there is the "pinball_loss" too, of "poisson" and
            "gamma" the deviance.

    Example:
        >>> score_values(np.array([1.0, 2.0]), np.array([1.0, 2.0]))["r2"]
        1.0
    """
    gap = values - truth
    square = float(np.average(gap**2, weights=weights))
    spread = float(np.average((truth - np.average(truth, weights=weights)) ** 2, weights=weights))
    return {
        "rmse": math.sqrt(square),
        "mae": float(np.average(np.abs(gap), weights=weights)),
        "r2": 1 - square / spread if spread > 0 else float("nan"),
        **_own_score(values, truth, weights, loss),
    }


def _own_score(
    values: np.ndarray, truth: np.ndarray, weights: np.ndarray | None, loss: Loss
) -> dict[str, float]:
    """The score of a loss, where it is none of the usual ones and defined for these targets."""
    if loss.name == "quantile":
        found = mean_pinball_loss(truth, values, sample_weight=weights, alpha=loss.quantile)
    elif loss.has_log_link and truth.min() >= 0 and (loss.name == "poisson" or truth.min() > 0):
        power = 1 if loss.name == "poisson" else 2
        positive = np.maximum(values, np.finfo(np.float64).tiny)
        found = mean_tweedie_deviance(truth, positive, sample_weight=weights, power=power)
    else:
        return {}
    return {loss.score: float(found)}


def score_classes(
    shares: np.ndarray, classes: np.ndarray, truth: Any, weights: np.ndarray | None = None
) -> dict[str, float]:
    """Scores of probabilities: how often the likeliest class is right, and how good the probabilities are.

    Args:
        shares: Probabilities, (n, classes).
        classes: Their names, in the order of the columns.
        truth: The right class of each row.
        weights: Of the rows; None for equal ones.

    Returns:
        "accuracy"; "balanced_accuracy", the mean of the classes' own accuracies; "auc", the area under the ROC curve
        (of several classes the mean of each against the others), where all classes occur; "log_loss"; and
        "calibration_error", by how much the probability of the predicted class is off, on average over ten groups of
        rows.

    Example:
        >>> score_classes(np.array([[0.9, 0.1], [0.2, 0.8]]), np.array(["a", "b"]), np.array(["a", "b"]))["auc"]
        1.0
    """
    truth = np.asarray(truth)
    places = {label: place for place, label in enumerate(classes)}
    numbers = np.array([places.get(label, -1) for label in truth])
    right = np.where(numbers >= 0, shares[np.arange(len(truth)), numbers], 0.0)
    hits = shares.argmax(1) == numbers
    own = [
        np.average(hits[rows], weights=None if weights is None else weights[rows]) for rows in _rows_of(truth)
    ]
    found = {
        "accuracy": float(np.average(hits, weights=weights)),
        "balanced_accuracy": float(np.mean(own)),
        "log_loss": float(np.average(-np.log(np.maximum(right, 1e-9)), weights=weights)),
        "calibration_error": calibration_error(calibration(shares.max(1), hits)),
    }
    if len(np.unique(numbers)) == len(classes) and (numbers >= 0).all():
        scores = shares[:, 1] if len(classes) == 2 else shares / shares.sum(1, keepdims=True)
        found["auc"] = float(roc_auc_score(numbers, scores, multi_class="ovr", sample_weight=weights))
    return found


def _rows_of(truth: np.ndarray) -> list[np.ndarray]:
    return [np.flatnonzero(truth == label) for label in np.unique(truth)]


def confusion(predicted: Any, truth: Any, classes: Sequence[Any]) -> list[list[int]]:
    """How many rows of each class (a row each) were predicted as each (a column each).

    Args:
        predicted: Classes, (n,).
        truth: Classes, (n,).
        classes: Their names, in order.

    Example:
        >>> confusion(["a", "a", "b"], ["a", "b", "b"], ["a", "b"])
        [[1, 0], [1, 1]]
    """
    places = {label: place for place, label in enumerate(classes)}
    table = np.zeros((len(classes), len(classes)), dtype=int)
    for right, found in zip(truth, predicted, strict=True):
        if right in places:
            table[places[right], places[found]] += 1
    return table.tolist()


def roc_points(scores: np.ndarray, hits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The ROC curve: false and true positive rates as the threshold goes down over the scores.

    Args:
        scores: Higher where the class is likelier, (n,).
        hits: Whether it is the class, (n,); both must occur.

    Example:
        >>> [part.tolist() for part in roc_points(np.array([0.1, 0.9]), np.array([False, True]))]
        [[0.0, 0.0, 1.0], [0.0, 1.0, 1.0]]
    """
    false, true, _ = roc_curve(hits, scores)
    return false, true


def calibration(shares: np.ndarray, hits: np.ndarray) -> list[dict[str, float]]:
    """Mean probability and how often it came true, in up to ten groups of rows of like probability.

    Args:
        shares: Probabilities of something, (n,).
        hits: Whether it came true, (n,).

    Example:
        >>> calibration(np.array([0.2, 0.9]), np.array([False, True]))[1]["observed"]
        1.0
    """
    order = np.argsort(shares, kind="stable")
    groups = [part for part in np.array_split(order, _BINS) if len(part)]
    return [
        {"predicted": float(shares[rows].mean()), "observed": float(hits[rows].mean()), "rows": len(rows)}
        for rows in groups
    ]


def calibration_error(groups: Sequence[Mapping[str, float]]) -> float:
    """Mean distance between what was predicted and what came true, over the rows.

    Args:
        groups: Of `calibration`.

    Example:
        >>> calibration_error([{"predicted": 0.75, "observed": 0.5, "rows": 4}])
        0.25
    """
    total = sum(group["rows"] for group in groups)
    return float(sum(group["rows"] * abs(group["predicted"] - group["observed"]) for group in groups) / total)


def quantile_loss(parts: Sequence[np.ndarray]) -> list[float]:
    """Mean quantile (pinball) loss of predictions with the quantiles of their errors, one for each part of the rows.

    The quantiles at 0.05, 0.5 and 0.95 of a part are predictions plus the quantiles of the errors of all other parts.

    Args:
        parts: Errors (truth - prediction) of rows that were not trained on, at least two parts.

    Example:
        >>> quantile_loss([np.array([1.0, 1.0]), np.array([1.0, 1.0])])
        [0.0, 0.0]
    """
    found = []
    for number, errors in enumerate(parts):
        others = np.concatenate([part for place, part in enumerate(parts) if place != number])
        gaps = [(level, errors - np.quantile(others, level)) for level in LEVELS]
        found.append(
            float(np.mean([np.maximum(level * gap, (level - 1) * gap).mean() for level, gap in gaps]))
        )
    return found


def intervals(
    measure: Callable[[np.ndarray], Mapping[str, float]], count: int, seed: int = 0
) -> dict[str, list[float]]:
    """95 % intervals of scores, from samples of the rows drawn with replacement (the bootstrap, by percentiles).

    Args:
        measure: Gives the scores of the rows of these numbers.
        count: How many rows there are.
        seed: Of the draws.

    Returns:
        Lower and upper end by score; nothing for fewer than ten rows.

    Example:
        >>> intervals(lambda rows: {"mean": 1.0}, 20)
        {'mean': [1.0, 1.0]}
    """
    if count < _LEAST_FOR_INTERVALS:
        return {}
    random = np.random.default_rng(seed)
    draws: dict[str, list[float]] = {}
    for _ in range(200 if count <= 5000 else 50):
        for name, value in measure(random.integers(0, count, count)).items():
            draws.setdefault(name, []).append(value)
    known = {name: np.array(found)[np.isfinite(found)] for name, found in draws.items()}
    return {
        name: np.percentile(found, [2.5, 97.5]).tolist() if len(found) else [math.nan, math.nan]
        for name, found in known.items()
    }
