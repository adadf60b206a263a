"""`KANClassifier`: predict classes and their probabilities."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from sklearn.base import ClassifierMixin
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import column_or_1d

from .columns import MAX_CATEGORIES
from .estimator import KANEstimator
from .tables import checked_pair, names_of_targets, numbered, plain_labels
from .task import classes_task, labels_task, probabilities


class KANClassifier(ClassifierMixin, KANEstimator):
    """Classification by a small, smooth Kolmogorov-Arnold network, for tables of measured data.

    The network gives logits: one for two classes, else one a class, or one a label where `y` is a matrix of labels that
    do not exclude each other. All else is as for `KANRegressor`.

    Args:
        hidden: As for `KANRegressor`.
        grid: As for `KANRegressor`.
        k: Degree of the splines.
        smoothness: Weight of roughness; "auto" finds it.
        class_weight: Weights by class, or "balanced" for classes that count alike; None for samples that do. For labels a
            list of such weights, one a label.
        validation: As for `KANRegressor`.
        patience: As for `KANRegressor`.
        max_iter: As for `KANRegressor`.
        categories: As for `KANRegressor`.
        random_state: Of the split and the start values; None is 0.
        warm_start: As for `KANRegressor`.
        verbose: Whether to write lines on the error stream; a function is called with each line instead.

    Attributes:
        classes_: The classes, sorted, of the type that they were given in; the numbers of the labels.
        target_names_: Names of the labels, or of the classes' column.
        model_: The `Network`; takes encoded columns, gives logits.
        formula_: The logits as a formula.
        feature_importances_: Share of each column in the spread of the logits; they sum to 1.
        encoder_: The rules by which columns were encoded.
        notes_: What is worth saying of the columns; a `TableWarning` says it at the fit.
        screened_out_: Names of the columns of a wide table that were given no curve; empty for other tables.
        search_result_: What was chosen, and the losses that decided.
        history_: Training loss after each step of the last training.
        samples_: Up to 1,000 encoded training rows, for formulas and pictures.
        sample_weights_: Their weights.
        n_features_in_: Number of columns.
        feature_names_in_: Their names, where a frame was given.
        n_samples_fit_: Number of rows of some weight.
        n_iter_: Steps of the last training.

    Example:
        >>> x = np.linspace(-1, 1, 60)[:, None]
        >>> model = KANClassifier().fit(x, np.abs(x[:, 0]) > 0.5)
        >>> model.predict([[0.0], [0.9]]).tolist()
        [False, True]
    """

    def __init__(
        self,
        hidden: int | Sequence[int] | str = "auto",
        grid: int | str = "auto",
        k: int = 3,
        *,
        smoothness: float | str = "auto",
        class_weight: Mapping[Any, float] | str | None = None,
        validation: float | str = "auto",
        patience: int = 3,
        max_iter: int = 12,
        categories: str | Iterable[Any] = "auto",
        random_state: Any = None,
        warm_start: bool = False,
        verbose: bool | Callable[[str], None] = False,
    ) -> None:
        self.hidden = hidden
        self.grid = grid
        self.k = k
        self.smoothness = smoothness
        self.class_weight = class_weight
        self.validation = validation
        self.patience = patience
        self.max_iter = max_iter
        self.categories = categories
        self.random_state = random_state
        self.warm_start = warm_start
        self.verbose = verbose

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> KANClassifier:
        """Find and train a network.

        Args:
            X: A frame or an array, (n, columns); gaps and, in frames, categories are taken.
            y: Classes, (n,); or labels of 0 and 1, (n, labels), of which a row may have any.
            sample_weight: Shape (n,), at least 0; None for equal weights.

        Returns:
            The estimator.

        Raises:
            InputError: a parameter or a column does not hold what is asked.
        """
        self.target_names_ = names_of_targets(y) or ("y",)
        y = y.toarray() if hasattr(y, "toarray") else plain_labels(y)
        X, y = checked_pair(self, X, y, multi_output=True)
        kind = type_of_target(y, input_name="y")
        if kind == "multiclass-multioutput":
            raise ValueError(
                f"{type(self).__name__}: y must hold one class a row, or labels of 0 and 1; got several columns of "
                f"classes. Use sklearn.multioutput.MultiOutputClassifier({type(self).__name__}())."
            )
        repeats = self._weights(sample_weight, X)
        self._multilabel = kind == "multilabel-indicator"
        if self._multilabel:
            return self._fit_labels(X, np.asarray(y, dtype=np.float64), repeats)
        y = np.asarray(column_or_1d(y, warn=True))
        check_classification_targets(y)
        weights = repeats * compute_sample_weight(self.class_weight, y)
        self.classes_, numbers = np.unique(y, return_inverse=True)
        used = np.unique(numbers[weights > 0])
        if len(used) < 2:
            raise ValueError(
                f"{type(self).__name__}: y must hold at least two classes; got one class, "
                f"{self.classes_[used].tolist()}. There is nothing to tell apart."
            )
        count = len(self.classes_)
        self._fit(X, numbers, weights, lambda labels, shares: classes_task(labels, shares, count), repeats)
        return self

    def _fit_labels(self, X: Any, y: np.ndarray, repeats: np.ndarray) -> KANClassifier:
        """Learn labels, each by a logit of its own."""
        self.classes_ = np.arange(y.shape[1])
        if len(self.target_names_) != y.shape[1]:
            self.target_names_ = numbered(y.shape[1])
        weights = repeats
        if self.class_weight is not None:
            weights = weights * compute_sample_weight(self.class_weight, y)
        self._fit(X, y, weights, labels_task, repeats)
        return self

    def _level_targets(self, y: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
        if self._multilabel:
            shown = np.sort(np.argsort(-y.sum(0), kind="stable")[:MAX_CATEGORIES])
            return y[:, shown], tuple(f"share of {self.target_names_[place]}" for place in shown)
        numbers = np.arange(len(self.classes_))
        if len(numbers) == 2:
            numbers = numbers[1:]
        elif len(numbers) > MAX_CATEGORIES:
            numbers = np.sort(np.argsort(-np.bincount(y), kind="stable")[:MAX_CATEGORIES])
        names = tuple(f"share of {label}" for label in self.classes_[numbers])
        return (y[:, None] == numbers).astype(np.float64), names

    def _output_names(self) -> tuple[str, ...]:
        if self._multilabel:
            return self.target_names_
        shown = self.classes_[1:] if len(self.classes_) == 2 else self.classes_
        return tuple(map(str, shown))

    def decision_function(self, X: Any) -> np.ndarray:
        """The logits: of the second class, shape (n,), for two classes; else (n, classes), or (n, labels)."""
        logits = self._outputs(X, "decision_function")
        return logits[:, 0] if logits.shape[1] == 1 and not self._multilabel else logits

    def predict_proba(self, X: Any) -> np.ndarray:
        """Probability of each class in the order of `classes_`, or of each label, shape (n, classes)."""
        return self._shares(self._outputs(X, "predict_proba"))

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """Logarithms of `predict_proba`."""
        return np.log(np.maximum(self.predict_proba(X), np.finfo(np.float64).tiny))

    def predict(self, X: Any) -> np.ndarray:
        """The likeliest class of each row, shape (n,); of labels 1 where they are likely, shape (n, labels)."""
        shares = self._shares(self._outputs(X))
        return (shares > 0.5).astype(np.int64) if self._multilabel else self.classes_[shares.argmax(1)]

    def _shares(self, outputs: np.ndarray) -> np.ndarray:
        logits = torch.from_numpy(outputs)
        return logits.sigmoid().numpy() if self._multilabel else probabilities(logits)

    def __sklearn_tags__(self) -> Any:
        """Labels of which a row may have any are taken."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
