"""How predictions move with one column, or with two together, the others as they are in the rows of the fit.

The partial dependence on a column at a value is the mean output over background rows in which the column has that value,
less the mean output over the rows as they are. Of a sum of one curve a column it is the curve less its mean, exactly,
and equals `contributions`.

Source: Friedman 2001, "Greedy function approximation: a gradient boosting machine", section 8.2; Friedman and Popescu
2008, "Predictive learning via rule ensembles", for interactions.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import torch
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from ..network import has_jacobian
from ..train import predict_in_chunks
from .uncertainty import FittedTo, Uncertainty

_BACKGROUND = 100
_FOR_BANDS = 30


class PartialDependence:
    """Partial dependence of a fitted estimator's outputs; of classes, their logits.

    Logits of several classes are told less their mean over the classes, as only differences mean anything.

    Args:
        estimator: A fitted `KANRegressor` or `KANClassifier`.

    Example:
        >>> from edgewise.estimators import KANRegressor
        >>> x = np.linspace(-1, 1, 61)[:, None]
        >>> found = PartialDependence(KANRegressor(hidden=0).fit(x, 2 * x[:, 0]))
        >>> found.effect([0], torch.tensor([[0.5]])).round(decimals=2).tolist()
        [[1.0]]
    """

    def __init__(self, estimator: Any) -> None:
        check_is_fitted(estimator)
        self._estimator = estimator
        self.model, self.encoder = estimator.model_, estimator.encoder_
        self._rows = estimator.samples_
        self._weights = estimator.sample_weights_.double()

    @property
    def exact(self) -> bool:
        """Whether the outputs are a sum of one curve a column, so that nothing depends on the other columns."""
        return bool(self.model.depth == 1)

    def background(self, most: int = _BACKGROUND) -> tuple[Tensor, Tensor]:
        """Rows that stand for all, drawn by a fixed seed, and their shares.

        Args:
            most: Rows.
        """
        order = torch.randperm(len(self._rows), generator=torch.Generator().manual_seed(0))[:most]
        rows, weights = self._rows[order], self._weights[order]
        return rows, weights / weights.sum()

    def effect(self, places: Sequence[int], codes: Tensor) -> Tensor:
        """The mean outputs where some encoded columns have given values, less the mean outputs.

        Args:
            places: Numbers of the encoded columns.
            codes: Their values, shape (points, len(places)).

        Returns:
            Shape (points, outputs).
        """
        rows, averages = self._sums(places, codes, _BACKGROUND)
        found = averages @ predict_in_chunks(self.model, rows).double()
        several = self._of_classes and not self._of_labels and found.shape[1] > 1
        return found - found.mean(1, keepdim=True) if several else found

    def deviation(self, places: Sequence[int], codes: Tensor) -> Tensor | None:
        """Standard deviations of `effect`, shape (points, outputs); None for losses other than squares and log loss.

        Args:
            places: Numbers of the encoded columns.
            codes: Their values, shape (points, len(places)).
        """
        if self._uncertainty is None:
            return None
        return self._uncertainty.deviation(*self._sums(places, codes, _FOR_BANDS))

    @property
    def _of_classes(self) -> bool:
        return hasattr(self._estimator, "classes_")

    @property
    def _of_labels(self) -> bool:
        return bool(getattr(self._estimator, "_multilabel", False))

    def _sums(self, places: Sequence[int], codes: Tensor, most: int) -> tuple[Tensor, Tensor]:
        """Rows whose outputs are needed, and the weighted sums of them that are the effects."""
        points = len(codes)
        if self.exact:  # whatever the other columns are: those of one row
            one = self._rows[:1]
            share = self._weights / self._weights.sum()
            rows = one.repeat(points + len(share), 1)
            rows[:points, list(places)] = codes.to(rows.dtype)
            rows[points:, list(places)] = self._rows[:, list(places)]
            means = torch.eye(points, dtype=share.dtype)
        else:
            known, share = self.background(most)
            rows = torch.cat([known.repeat(points, 1), known])
            rows[: points * len(known), list(places)] = codes.to(rows.dtype).repeat_interleave(len(known), 0)
            means = torch.kron(torch.eye(points, dtype=share.dtype), share[None])
        return rows, torch.cat([means, -share.expand(points, -1)], 1)

    @cached_property
    def _uncertainty(self) -> Uncertainty | None:
        estimator = self._estimator
        squared = self._of_classes or getattr(estimator, "loss", "") == "squared_error"
        if not squared or not has_jacobian(self.model):
            return None
        targets = None if self._of_classes else estimator.targets_
        data = FittedTo(self._rows, self._weights, targets, estimator.n_samples_fit_, self._of_labels)
        try:
            return Uncertainty(self.model, data, estimator.search_result_.roughness)
        except RuntimeError:  # not positive definite: nothing is left over, as of a constant target
            return None


def encoded_places(encoder: Any, column: int) -> list[int]:
    """Numbers of the encoded columns of one column of a table.

    Args:
        encoder: The rules.
        column: Its number.

    Example:
        >>> from edgewise.estimators import NumericRule, TableEncoder
        >>> encoded_places(TableEncoder((NumericRule("a", 0.0, True), NumericRule("b", 0.0, False))), 1)
        [2]
    """
    return np.flatnonzero(encoder.owners == column).tolist()
