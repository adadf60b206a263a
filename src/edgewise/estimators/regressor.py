"""`KANRegressor`: predict values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np
from sklearn.base import RegressorMixin

from .estimator import KANEstimator
from .losses import checked_loss
from .tables import checked_pair, names_of_targets, numbered, refuse_no_numbers
from .task import values_task


class KANRegressor(RegressorMixin, KANEstimator):
    """Regression by a small, smooth Kolmogorov-Arnold network, for tables of measured data.

    How smooth the curves are, and whether a hidden level earns its place, is decided on samples set aside;
    then the network is trained on all. Columns of text, categories or booleans, and gaps, are encoded by
    fixed rules, those of ``estimators/encoding.py``. Equal samples count as one of their weight, so the result depends
    neither on the order of the rows nor on how weights are written. Of a wide table (curves with more basis functions than
    rows to choose by, or than 2,000) columns are chosen by validation among rankings of a stagewise fit, 64 at most; all
    are used where that is better and rows are below 1,500.

    Args:
        hidden: Nodes of the hidden level beside one for each output, or a list for several levels; 0 for a sum
            of one curve a column; "auto" compares such a sum with a hidden level.
        grid: Intervals of each curve; "auto" goes by the number of samples.
        k: Degree of the splines.
        smoothness: Weight of roughness; "auto" finds it.
        loss: What is minimised, and with it what is predicted: "squared_error" the mean; "huber" the mean, with
            errors beyond 1.345 deviations of the noise counted by their size, so that wild targets have little say;
            "absolute_error" the median; "quantile" a quantile; "poisson" the mean of counts and of amounts with zeros,
            "gamma" that of positive amounts, of which the logarithm is a sum of curves.
        quantile: Level of the quantile, between 0 and 1; None for other losses.
        validation: Share of the samples set aside to decide; "auto" takes 0.2, by turns in three thirds below
            2,000 samples.
        patience: Steps without improvement on the samples set aside after which training stops.
        max_iter: Most steps, of ten iterations each, for one weight of roughness.
        categories: Names or numbers of the columns to take as categorical; "auto" for those of text,
            categories or booleans.
        random_state: Of the split and the start values; None is 0.
        warm_start: Whether the next `fit` goes on from the last one, with the smoothness and depth chosen there, for
            `max_iter` more steps; it starts afresh where settings, columns or their levels have changed.
        verbose: Whether to write lines on the error stream; a function is called with each line instead.

    Attributes:
        model_: The `Network`; takes encoded columns, gives predictions in their units.
        formula_: The network as a formula, with how much of the network it keeps.
        feature_importances_: Share of each column in the spread of the predictions; they sum to 1.
        encoder_: The rules by which columns were encoded.
        notes_: What is worth saying of the columns; a `TableWarning` says it at the fit.
        screened_out_: Names of the columns of a wide table that were given no curve; empty for other tables.
        search_result_: What was chosen, and the losses that decided.
        history_: Training loss after each step of the last training.
        samples_: Up to 1,000 encoded training rows, for formulas and pictures.
        sample_weights_: Their weights.
        targets_: Their targets.
        target_names_: Names of the outputs: those of the frame or series that `y` was, else y, or y_1, y_2, ...
        n_features_in_: Number of columns.
        feature_names_in_: Their names, where a frame was given.
        n_samples_fit_: Number of rows of some weight.
        n_iter_: Steps of the last training.

    Example:
        >>> x = np.linspace(-1, 1, 60)[:, None]
        >>> model = KANRegressor().fit(x, np.sin(3 * x[:, 0]))
        >>> bool(model.score(x, np.sin(3 * x[:, 0])) > 0.99)
        True
    """

    def __init__(
        self,
        hidden: int | Sequence[int] | str = "auto",
        grid: int | str = "auto",
        k: int = 3,
        *,
        smoothness: float | str = "auto",
        loss: str = "squared_error",
        quantile: float | None = None,
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
        self.loss = loss
        self.quantile = quantile
        self.validation = validation
        self.patience = patience
        self.max_iter = max_iter
        self.categories = categories
        self.random_state = random_state
        self.warm_start = warm_start
        self.verbose = verbose

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> KANRegressor:
        """Find and train a network.

        Args:
            X: A frame or an array, (n, columns); gaps and, in frames, categories are taken.
            y: Values, (n,) or (n, outputs).
            sample_weight: Shape (n,), at least 0; None for equal weights.

        Returns:
            The estimator.

        Raises:
            InputError: a parameter or a column does not hold what is asked, or targets are out of the loss's bounds.
        """
        names = names_of_targets(y)
        refuse_no_numbers(y)
        X, y = checked_pair(self, X, y, multi_output=True, y_numeric=True)
        y = np.asarray(y, dtype=np.float64)
        self._flat = y.ndim == 1
        self.target_names_ = names or numbered(1 if self._flat else y.shape[1])
        weights = self._weights(sample_weight, X)
        loss = checked_loss(self.loss, self.quantile, y.reshape(len(y), -1)[weights > 0])
        self._fit(X, y.reshape(len(y), -1), weights, partial(values_task, loss=loss))
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Predicted values, shape (n,) or (n, outputs) as `y` was."""
        outputs = self._outputs(X)
        return outputs[:, 0] if self._flat else outputs

    def _level_targets(self, y: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
        one = y.shape[1] == 1
        return y, ("mean",) if one else tuple(f"mean of {name}" for name in self.target_names_)

    def _output_names(self) -> tuple[str, ...]:
        return self.target_names_

    def __sklearn_tags__(self) -> Any:
        """Several outputs are taken."""
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
