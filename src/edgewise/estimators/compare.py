"""`compare`: how good a network is on a table, beside quick models of scikit-learn on the same encoded columns."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
from torch import Tensor

from ..events import check_cancelled, emit
from .classifier import KANClassifier
from .columns import MAX_CATEGORIES, LevelTargets, fit_encoder
from .losses import SQUARED_ERROR, Loss, loss_of
from .metrics import quantile_loss, score_classes, score_values
from .regressor import KANRegressor
from .task import probabilities


@dataclass(frozen=True)
class Comparison:
    """One model's scores.

    Attributes:
        name: Of the model.
        scores: By name, one entry a fold.
        seconds: Processor time of each fit.
    """

    name: str
    scores: dict[str, list[float]]
    seconds: list[float]

    def mean(self, score: str) -> float:
        """Mean of a score over the folds.

        Args:
            score: Its name.
        """
        return float(np.mean(self.scores[score]))


def compare(
    X: Any,
    y: Any,
    *,
    kind: str = "values",
    hidden: Any = "auto",
    n_folds: int = 5,
    seed: int = 0,
    models: Mapping[str, Callable[[], Any]] | None = None,
    sample_weight: Any = None,
) -> list[Comparison]:
    """Cross-validate a network and quick models of scikit-learn, all with their defaults, on the same folds.

    Args:
        X: A frame or an array, (n, columns); gaps and, in frames, categories are taken.
        y: What is predicted, an array (n,).
        kind: "values" or "classes".
        hidden: As for `KANRegressor`.
        n_folds: How often, each time on other rows; at least 2.
        seed: Of the folds and the start values.
        models: Further models by name, each a function that makes a fresh one; where there are weights, its `fit` must
            take `sample_weight`.
        sample_weight: Of the rows, for training and for the scores; None for equal ones.

    Returns:
        Scores of each model, the network ("edgewise") first; with weights without the quantile loss.

    Raises:
        InputError: a column does not hold what is asked.

    Example:
        >>> x = np.linspace(-1, 1, 60)[:, None]
        >>> [one.name for one in compare(x, x[:, 0] ** 2, hidden=0, n_folds=2)]
        ['edgewise', 'no input', 'linear', 'forest', 'boosting']
    """
    X, y = X if hasattr(X, "iloc") else np.asarray(X), np.asarray(y)
    weights = None if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
    if weights is not None:
        counted = np.flatnonzero(weights > 0)
        X, y, weights = _rows(X, counted), y[counted], weights[counted]
    network = KANClassifier if kind == "classes" else KANRegressor
    found = [Comparison(name, {}, []) for name in ("edgewise", *baselines(kind), *(models or {}))]
    errors: dict[str, list[np.ndarray]] = {one.name: [] for one in found}
    for number, (train, test) in enumerate(folds(kind, y, n_folds, seed)):
        fresh = {"edgewise": network(hidden=hidden, random_state=seed), **baselines(kind, seed)}
        fresh |= {name: make() for name, make in (models or {}).items()}
        for one in found:
            text = f"fold {number + 1} of {n_folds}, {one.name}"
            emit("message", "compare", step=number, total=n_folds, text=text)
            check_cancelled("compare")
            of_train, of_test = (None, None) if weights is None else (weights[train], weights[test])
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                started = time.process_time()
                model = _fitted(fresh[one.name], _rows(X, train), y[train], of_train)
                one.seconds.append(time.process_time() - started)
                for name, value in scores(model, _rows(X, test), y[test], weights=of_test).items():
                    one.scores.setdefault(name, []).append(value)
                if kind == "values":
                    errors[one.name].append(y[test] - model.predict(_rows(X, test)))
    for one in found:
        if kind == "values" and weights is None:
            one.scores["quantile_loss"] = quantile_loss(errors[one.name])
        for name in [name for name, values in one.scores.items() if len(values) < n_folds]:
            del one.scores[name]  # some fold lacked a class
    return found


def _fitted(model: Any, X: Any, y: np.ndarray, weights: np.ndarray | None) -> Any:
    """A model trained with weights, which the last step of a pipeline takes."""
    if weights is None:
        return model.fit(X, y)
    last, steps = model, []
    while hasattr(last, "steps"):
        step, last = last.steps[-1]
        steps.append(step)
    return model.fit(X, y, **{"__".join([*steps, "sample_weight"]): weights})


def _rows(table: Any, rows: np.ndarray) -> Any:
    return table.iloc[rows] if hasattr(table, "iloc") else table[rows]


def scores(
    estimator: Any, X: Any, y: Any, outputs: Tensor | None = None, weights: np.ndarray | None = None
) -> dict[str, float]:
    """Scores of a fitted estimator of scikit-learn on a table.

    Args:
        estimator: A fitted one.
        X: Inputs.
        y: Values or classes.
        outputs: What the network, or a formula in its place, gives; the estimator's own predictions if None.
        weights: Of the rows; None for equal ones.

    Returns:
        "rmse", "mae" and "r2" for values; "accuracy", "balanced_accuracy", "log_loss", "calibration_error" and "auc"
        for classes.

    Example:
        >>> x = np.linspace(-1, 1, 60)[:, None]
        >>> sorted(scores(KANRegressor(hidden=0).fit(x, x[:, 0]), x, x[:, 0]))
        ['mae', 'r2', 'rmse']
    """
    if not hasattr(estimator, "classes_"):
        values = estimator.predict(X) if outputs is None else outputs.numpy()[:, 0]
        return score_values(values, np.asarray(y, dtype=np.float64), weights, loss_of(estimator))
    shares = estimator.predict_proba(X) if outputs is None else probabilities(outputs)
    return score_classes(shares, estimator.classes_, y, weights)


def constant_scores(
    kind: str,
    known: Any,
    new: Any,
    weights: tuple[np.ndarray, np.ndarray] | None = None,
    loss: Loss = SQUARED_ERROR,
) -> dict[str, float]:
    """Scores of a prediction that knows only the training targets' mean (median, quantile), or the classes' shares.

    Args:
        kind: "values" or "classes".
        known: Training targets.
        new: Targets to predict.
        weights: Of both; None for equal ones.
        loss: Of values.

    Example:
        >>> constant_scores("values", np.array([1.0, 3.0]), np.array([1.0, 3.0]))["rmse"]
        1.0
    """
    of_known, of_new = weights or (None, None)
    if kind == "values":
        constant = loss.constant(known.astype(float), of_known)
        found = score_values(np.full(len(new), constant), new.astype(float), of_new, loss)
        return {name: value for name, value in found.items() if name != "r2"}
    classes, numbers = np.unique(known, return_inverse=True)
    counts = np.bincount(numbers, weights=of_known)
    shares = dict(zip(classes, counts / counts.sum(), strict=True))
    likeliest = classes[counts.argmax()]
    each = [-np.log(shares.get(label, 1e-9)) for label in new]
    right, lost = (np.average(part, weights=of_new) for part in (new == likeliest, each))
    return {"accuracy": float(right), "log_loss": float(lost)}


class ColumnEncoder(TransformerMixin, BaseEstimator):
    """The columns' rules as a step of a pipeline: learned from training rows, kept for others.

    Args:
        classes: Whether `y` holds classes.

    Example:
        >>> ColumnEncoder().fit_transform(np.array([[1.0], [np.nan]])).tolist()
        [[1.0, 0.0], [1.0, 1.0]]
    """

    def __init__(self, classes: bool = False) -> None:
        self.classes = classes

    def fit(self, X: Any, y: Any = None) -> ColumnEncoder:
        """Learn the rules.

        Args:
            X: A frame or an array.
            y: Targets, of which columns of many levels are coded by the means.
        """
        self._fit(X, y)
        return self

    def fit_transform(self, X: Any, y: Any = None, **options: Any) -> np.ndarray:
        """Learn the rules, and encode the training rows; means over levels are those of other rows.

        Args:
            X: A frame or an array.
            y: Targets, of which columns of many levels are coded by the means.
            **options: Not looked at.
        """
        return self._fit(X, y)

    def _fit(self, X: Any, y: Any) -> np.ndarray:
        names = (
            map(str, X.columns) if hasattr(X, "columns") else (f"x_{n + 1}" for n in range(np.shape(X)[1]))
        )
        found = fit_encoder(
            X, list(names), targets=None if y is None else _level_targets(np.asarray(y), self.classes)
        )
        self.encoder_ = found.encoder
        return found.encoded

    def transform(self, X: Any) -> np.ndarray:
        """The table as numbers.

        Args:
            X: With the columns of `fit`.
        """
        return self.encoder_.transform(X)


def _level_targets(y: np.ndarray, of_classes: bool) -> LevelTargets:
    if not of_classes:
        return LevelTargets(y.reshape(len(y), -1).astype(np.float64), ("mean",))
    classes = np.unique(y)[-MAX_CATEGORIES:]
    classes = classes[1:] if len(classes) == 2 else classes
    return LevelTargets((y[:, None] == classes).astype(np.float64), tuple(f"share of {c}" for c in classes))


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
    return {name: make_pipeline(ColumnEncoder(kind == "classes"), model) for name, model in found.items()}


def folds(kind: str, y: Any, count: int, seed: int = 0) -> list[tuple[np.ndarray, np.ndarray]]:
    """Numbers of the training and the test rows, once for each fold; classes are spread evenly.

    Args:
        kind: "values" or "classes".
        y: Targets.
        count: How many folds, at least 2.
        seed: Decides which rows.

    Example:
        >>> [len(test) for train, test in folds("values", np.zeros(10), 5)]
        [2, 2, 2, 2, 2]
    """
    rarest = np.unique(y, return_counts=True)[1].min() if kind == "classes" else 0
    cut = StratifiedKFold if rarest >= count else KFold
    return list(cut(count, shuffle=True, random_state=seed).split(np.zeros(len(y)), y))
