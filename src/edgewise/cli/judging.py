"""Scores on rows that a model never saw, with their intervals."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..estimators import (
    calibration,
    confusion,
    intervals,
    loss_of,
    quantile_loss,
    score_classes,
    score_values,
)
from .tables import Prepared


@dataclass(frozen=True)
class Judgement:
    """What was measured on rows that were not trained on.

    Attributes:
        scores: By name.
        intervals: Of the scores, with a probability of 95 %.
    """

    scores: dict[str, float] = field(default_factory=dict)
    intervals: dict[str, list[float]] = field(default_factory=dict)


def judge(estimator: Any, prepared: Prepared, rows: np.ndarray) -> Judgement:
    """Measure an estimator on some rows of a table; nothing without rows.

    Args:
        estimator: A fitted one.
        prepared: The table.
        rows: Numbers of the rows.
    """
    if len(rows) == 0:
        return Judgement()
    inputs, truth, weights = prepared.inputs.iloc[rows], prepared.target[rows], prepared.weights_of(rows)
    values = prepared.kind == "values"
    loss = loss_of(estimator)
    found = estimator.predict(inputs) if values else estimator.predict_proba(inputs)

    def measure(some: np.ndarray) -> dict[str, float]:
        part = None if weights is None else weights[some]
        if values:
            return score_values(found[some], truth[some], part, loss)
        return score_classes(found[some], estimator.classes_, truth[some], part)

    scores = measure(np.arange(len(rows)))
    if values and len(rows) > 1:
        scores["quantile_loss"] = float(np.mean(quantile_loss([*np.array_split(truth - found, 2)])))
    return Judgement(scores, intervals(measure, len(rows)))


def class_tables(estimator: Any, prepared: Prepared, rows: np.ndarray) -> dict[str, Any] | None:
    """Which classes are taken for which, and whether probabilities come true; None for values, or without rows.

    Args:
        estimator: A fitted one.
        prepared: The table.
        rows: Numbers of the rows.
    """
    if prepared.kind == "values" or len(rows) == 0:
        return None
    inputs, truth = prepared.inputs.iloc[rows], prepared.target[rows]
    shares, classes = estimator.predict_proba(inputs), list(estimator.classes_)
    likeliest = shares.argmax(1)
    last = shares[:, 1] if len(classes) == 2 else shares.max(1)
    hits = truth == classes[1] if len(classes) == 2 else np.array([classes[n] for n in likeliest]) == truth
    return {
        "confusion": confusion([classes[number] for number in likeliest], truth, classes),
        "calibration": calibration(last, hits),
    }
