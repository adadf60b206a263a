"""What a network on a table is to be compared with: quick models of scikit-learn, on the same encoded columns."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from .encoding import fit_encoder


class ColumnEncoder(TransformerMixin, BaseEstimator):
    """The columns' rules as a step of a pipeline: learned from training rows, kept for others.

    Example:
        >>> ColumnEncoder().fit_transform(np.array([[1.0], [np.nan]])).tolist()
        [[1.0, 0.0], [1.0, 1.0]]
    """

    def fit(self, X: Any, y: Any = None) -> ColumnEncoder:
        """Learn the rules.

        Args:
            X: A frame or an array.
            y: Not looked at.
        """
        count = np.shape(X)[1]
        names = list(X.columns) if hasattr(X, "columns") else [f"x_{place + 1}" for place in range(count)]
        self.encoder_ = fit_encoder(X, [str(name) for name in names])
        return self

    def transform(self, X: Any) -> np.ndarray:
        """The table as numbers.

        Args:
            X: With the columns of `fit`.
        """
        return self.encoder_.transform(X)


def baselines(kind: str, seed: int = 0) -> dict[str, Any]:
    """Fresh models by name: no input at all, linear, random forest, boosted trees; all defaults.

    Args:
        kind: "values" or "classes".
        seed: Of the trees.

    Example:
        >>> list(baselines("values"))
        ['no input', 'linear', 'forest', 'boosting']
    """
    if kind == "values":
        found: dict[str, Any] = {
            "no input": DummyRegressor(),
            "linear": make_pipeline(StandardScaler(), RidgeCV(np.logspace(-3, 3, 13))),
            "forest": RandomForestRegressor(random_state=seed),
            "boosting": HistGradientBoostingRegressor(random_state=seed),
        }
    else:
        found = {
            "no input": DummyClassifier(),
            "linear": make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)),
            "forest": RandomForestClassifier(random_state=seed),
            "boosting": HistGradientBoostingClassifier(random_state=seed),
        }
    return {name: make_pipeline(ColumnEncoder(), model) for name, model in found.items()}


def folds(kind: str, y: Any, count: int, seed: int = 0) -> list[tuple[np.ndarray, np.ndarray]]:
    """Numbers of the rows to train and to judge on, once for each fold; classes are spread evenly.

    Args:
        kind: "values" or "classes".
        y: Targets.
        count: How many folds, at least 2.
        seed: Decides which rows.

    Example:
        >>> [len(judge) for train, judge in folds("values", np.zeros(10), 5)]
        [2, 2, 2, 2, 2]
    """
    rarest = np.unique(y, return_counts=True)[1].min() if kind == "classes" else 0
    cut = StratifiedKFold if rarest >= count else KFold
    return list(cut(count, shuffle=True, random_state=seed).split(np.zeros(len(y)), y))
