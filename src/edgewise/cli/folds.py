"""How much scores and importances change with the rows: the same model trained again, each time without a fifth of them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import TableWarning
from ..estimators import constant_scores, folds, loss_of, refit, scores
from ..events import check_cancelled, emit
from .ranking import half_width
from .workflow import Run, prune

COUNT = 5
MOST_ROWS = 2000
"""So many training rows take part, so that a fit of a large table does not take several times as long."""

_FEWEST_ROWS = 30
_SHARE = (0.0, 1.0)
_BOUNDS = {
    "r2": (-np.inf, 1.0),
    "accuracy": _SHARE,
    "balanced_accuracy": _SHARE,
    "auc": _SHARE,
    "calibration_error": _SHARE,
}
"""Between which a score lies; others are at least 0."""


@dataclass(frozen=True)
class Folds:
    """What came out of the folds.

    Attributes:
        rows: Training rows that took part.
        scores: By name, one entry a fold, on the rows left out.
        baseline: The same of predictions that look at no column.
        importances: By column, one entry a fold.
        reason: Why there are none; empty where there are.
    """

    rows: int = 0
    scores: Mapping[str, list[float]] = field(default_factory=dict)
    baseline: Mapping[str, list[float]] = field(default_factory=dict)
    importances: Mapping[str, list[float]] = field(default_factory=dict)
    reason: str = ""

    def interval(self, score: str) -> tuple[float, float] | None:
        """The 95 % interval of a score's mean over the folds; None where it was not measured in each.

        Args:
            score: Its name.
        """
        values = self.scores.get(score, ())
        if len(values) < COUNT or not np.isfinite(values).all():
            return None
        mean, half = float(np.mean(values)), half_width(values)
        low, high = _BOUNDS.get(score, (0.0, np.inf))
        return max(mean - half, low), min(mean + half, high)


def over_folds(run: Run) -> Folds:
    """Train again without each fifth of the training rows, and measure on it.

    Depth and smoothness stay as they were chosen. Rows set aside for the held-out error take no part.

    Args:
        run: What came out of the fit.
    """
    rows = run.train
    if len(rows) > MOST_ROWS:
        rows = np.sort(np.random.default_rng(0).permutation(rows)[:MOST_ROWS])
    prepared, truth = run.prepared, run.prepared.target[rows]
    reason = _too_few(prepared.kind, truth, prepared.weights_of(rows))
    if reason:
        return Folds(reason=reason)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TableWarning)  # rows left out may be unlike the others
        return _trained_anew(run, rows)


def _trained_anew(run: Run, rows: np.ndarray) -> Folds:
    prepared, truth = run.prepared, run.prepared.target[rows]
    found: dict[str, list[float]] = {}
    plain: dict[str, list[float]] = {}
    shares = []
    for number, (kept, left) in enumerate(folds(prepared.kind, truth, COUNT)):
        emit("message", "fit", text=f"fold {number + 1} of {COUNT}")
        check_cancelled("fit")
        known, new = rows[kept], rows[left]
        model = refit(run.estimator, prepared.inputs.iloc[known], truth[kept], prepared.weights_of(known))
        prune(model)
        measured = scores(model, prepared.inputs.iloc[new], truth[left], weights=prepared.weights_of(new))
        for name, value in measured.items():
            found.setdefault(name, []).append(value)
        weights = None if prepared.weights is None else (prepared.weights[known], prepared.weights[new])
        constant = constant_scores(
            prepared.kind, truth[kept], truth[left], weights, loss=loss_of(run.estimator)
        )
        for name, value in constant.items():
            plain.setdefault(name, []).append(value)
        shares.append(model.feature_importances_)
    columns = map(list, np.stack(shares, 1).tolist())
    return Folds(len(rows), found, plain, dict(zip(prepared.inputs.columns, columns, strict=True)))


def _too_few(kind: str, truth: Any, weights: np.ndarray | None) -> str:
    if len(truth) < _FEWEST_ROWS:
        return f"{len(truth)} training rows are too few for folds"
    if weights is not None and not (weights > 0).all():
        return "rows of no weight would be left in some folds"
    if kind == "classes":
        labels, counts = np.unique(truth, return_counts=True)
        if counts.min() < COUNT:
            rows = "1 training row" if counts.min() == 1 else f"{counts.min()} training rows"
            return f"the class {labels[counts.argmin()]} has {rows}, too few for folds"
    elif np.ptp(truth) == 0:
        return "the target does not vary"
    return ""
