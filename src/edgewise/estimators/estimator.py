"""What both estimators do: take a table, search for a network, and explain it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.utils.validation import (
    _check_sample_weight,
    _check_y,
    check_consistent_length,
    check_is_fitted,
    validate_data,
)
from torch import Tensor

from .. import explain
from ..errors import InputError
from ..events import Event, emit, listen
from ..network import Edge, Network, as_inputs, split_targets, stand_for
from ..train import Data, predict_in_chunks
from .encoding import TableEncoder, fit_encoder
from .samples import Samples, deduplicate
from .search import ModelSearchResult, search
from .settings import checked_settings, resolve
from .task import Task, weighted_scaler

if TYPE_CHECKING:
    from ..explain import Formula

_OF_CLASSES = 0.98  # r2 of formulas for logits, of which no noise is known
_KEPT_ROWS = 1000


class KANEstimator(BaseEstimator):
    """Base of `KANRegressor` and `KANClassifier`: everything but what is predicted."""

    hidden: int | Sequence[int] | str
    grid: int | str
    k: int
    smoothness: float | str
    validation: float | str
    patience: int
    max_iter: int
    categories: str | Iterable[Any]
    random_state: Any
    verbose: bool | Callable[[str], None]

    def __sklearn_tags__(self) -> Any:
        """Gaps are taken; everything else is as usual."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def _fit(self, table: Any, y: np.ndarray, weights: np.ndarray, make_task: Any) -> None:
        """Learn from a checked table, encoded targets and weights."""
        with listen(self._print) if self.verbose else nullcontext():
            self._search(table, y, weights, make_task)

    def _search(self, table: Any, y: np.ndarray, weights: np.ndarray, make_task: Any) -> None:
        given = checked_settings(self.get_params(deep=False))
        used = weights > 0
        rows = _take(table, used)
        self.encoder_ = fit_encoder(rows, self._names(), self.categories)
        samples = deduplicate(self.encoder_.transform(rows), y[used], weights[used])
        task = make_task(samples.y, samples.weights)
        scaler = weighted_scaler(samples.x, samples.weights)
        scaled = Samples(scaler(samples.x), task.targets(samples.y), samples.weights)
        settings = resolve(len(samples), seed=self._seed(), classes=task.kind != "values", **given)
        line = f"{len(samples)} different samples, {samples.x.shape[1]} encoded columns"
        emit("message", "fit", text=line)
        found = search(scaled, task, settings)
        names = self.encoder_.names
        self.model_ = Network(
            found.model.layers,
            input_names=names if len(set(names)) == len(names) else None,
            input_scaler=scaler,
            output_scaler=task.scaler,
        )
        self._note(found, samples, task)

    def _note(self, found: ModelSearchResult, samples: Samples, task: Task) -> None:
        self.search_result_, self.n_iter_ = found, max(1, found.steps)
        self.history_ = dict(found.history)
        order = torch.randperm(len(samples), generator=torch.Generator().manual_seed(0))[:_KEPT_ROWS]
        kept = order.sort().values
        self.samples_ = samples.x[kept]
        self.targets_ = samples.y[kept] if task.kind == "values" else None
        self.feature_importances_ = importances_of(self.model_, self.samples_, self.encoder_)
        self._formula: Formula | None = None

    def _print(self, event: Event) -> None:
        if event.kind != "message" or event.verb != "fit":
            return
        if callable(self.verbose):
            self.verbose(event.text)
        else:
            sys.stderr.write(f"{type(self).__name__}: {event.text}\n")

    def _seed(self) -> int:
        if self.random_state is None:
            return 0
        if isinstance(self.random_state, (int, np.integer)):
            return int(self.random_state)
        return int(self.random_state.randint(2**31 - 1))

    def _checked(self, table: Any, y: Any, **options: Any) -> tuple[Any, Any]:
        """The table and targets, checked: frames keep their columns, all else becomes an array of numbers."""
        if y is None:
            raise ValueError(
                f"{type(self).__name__}: y must be given; got None. This estimator requires y to be passed, "
                f"but the target y is None."
            )
        if hasattr(table, "columns"):
            validate_data(self, table, reset=True, skip_check_array=True)
            if len(table) == 0:
                raise ValueError(f"{type(self).__name__}: X must have at least one row; got 0 sample(s).")
            y = _check_y(y, estimator=self, **options)
            check_consistent_length(table, y)
            return table, y
        return validate_data(self, table, y, dtype=np.float64, ensure_all_finite="allow-nan", **options)

    def _weights(self, sample_weight: Any, table: Any) -> np.ndarray:
        weights = _check_sample_weight(
            sample_weight, np.empty((len(table), 1)), dtype=np.float64, ensure_non_negative=True
        )
        if not weights.sum() > 0:
            raise ValueError(
                f"{type(self).__name__}: sample_weight must not be all zero; give some rows weight."
            )
        return weights

    def _names(self) -> list[str]:
        if hasattr(self, "feature_names_in_"):
            return [str(name) for name in self.feature_names_in_]
        return [f"x_{column + 1}" for column in range(self.n_features_in_)]

    def _encoded(self, table: Any) -> Tensor:
        check_is_fitted(self)
        if hasattr(table, "columns"):
            validate_data(self, table, reset=False, skip_check_array=True)
        else:
            table = validate_data(self, table, reset=False, dtype=np.float64, ensure_all_finite="allow-nan")
        return torch.from_numpy(self.encoder_.transform(table))

    def _outputs(self, table: Any) -> np.ndarray:
        encoded = self._encoded(table)
        return predict_in_chunks(self.model_, encoded).numpy()

    @property
    def formula_(self) -> Formula:
        """The network as a formula in the units of the columns, found when first asked for.

        The network is pruned first, and edges become formulas where one fits; those left are functions named
        spline_layer_in_out. `formula_.verdict` says what it is worth, beside the training rows and the network;
        `formula_.r2` how much of the network it keeps.
        """
        check_is_fitted(self)
        found = self._formula
        if found is None:
            found = self._formula = formula_of(self.model_, Data(self.samples_, self.targets_))
        return found

    def contributions(self, X: Any) -> np.ndarray:
        """What each column adds to the prediction, where the network is a sum of one curve a column.

        Contributions are around their means over the training rows; with the mean prediction they add up to
        the network's output (for classes: to the logits).

        Args:
            X: As for `fit`.

        Returns:
            Shape (n, n_features_in_) for one output, else (n, n_features_in_, outputs).

        Raises:
            InputError: the network has a hidden level. Fit with `hidden=0`.
        """
        encoded = self._encoded(X)
        if self.model_.depth > 1:
            raise InputError(
                f"contributions: the network must be a sum of one curve a column; got width {self.model_.width}. "
                f"Fit with hidden=0, or use feature_importances_."
            )
        layer, scaler = self.model_.layers[0], self.model_.output_scaler
        assert scaler is not None
        with torch.no_grad():
            centre = layer.edges(self.model_.prepare_inputs(self.samples_)).mean(0)
            edges = (layer.edges(self.model_.prepare_inputs(encoded)) - centre) * scaler.scale
        owners = torch.from_numpy(self.encoder_.owners)
        empty = torch.zeros(len(encoded), self.n_features_in_, edges.shape[2], dtype=edges.dtype)
        totals = empty.index_add(1, owners, edges).numpy()
        return totals[:, :, 0] if totals.shape[2] == 1 else totals

    def __getstate__(self) -> dict[str, Any]:
        """Formulas are found anew: sympy's functions do not travel."""
        return {**super().__getstate__(), "_formula": None}


def formula_of(model: Network, data: Any) -> Formula:
    """Prune a network, turn edges into formulas where one fits, and write it down.

    It is judged by the network that was given, not by the pruned one.

    Args:
        model: Left as it is.
        data: As for `formula`: inputs (n, n_columns), or with targets, and with samples held out.

    Example:
        >>> from edgewise.network import build
        >>> model = build([1, 1], dtype=torch.float64)
        >>> len(formula_of(model, torch.rand(50, 1).double()).expressions)
        1
    """
    x = as_inputs(data, model, "formula")
    outputs = predict_in_chunks(model, x)
    varies = outputs.std(0, correction=0).max() > 0 if len(x) > 1 else False
    small = explain.prune(model, x).model if bool(varies) else model
    edges: list[Edge] = list(small.active_edges())
    symbolic = small
    if edges and bool(varies):
        r2 = _OF_CLASSES if split_targets(data, model, "formula")[1] is None else None
        symbolic = explain.symbolify(small, data, r2=r2).model
    return explain.formula(stand_for(symbolic, model), data, splines="named")


def importances_of(model: Network, x: Tensor, columns: TableEncoder) -> np.ndarray:
    """Share of each column of a table in the spread of the outputs; they sum to 1 unless nothing matters.

    Coded columns of one column are joined as spreads are: a column of many levels weighs what they move.

    Args:
        model: Takes encoded columns.
        x: Coded samples.
        columns: The rules.

    Example:
        >>> from edgewise.network import build
        >>> columns = fit_encoder(np.array([[0.0], [1.0]]), ["a"])
        >>> importances_of(build([1, 1], seed=0), torch.tensor([[0.0], [1.0]]), columns).tolist()
        [1.0]
    """
    scores = explain.attribute(model, x).nodes[0].double().numpy()
    owners = columns.owners[model.columns.numpy()]
    total = np.sqrt(np.bincount(owners, weights=scores**2, minlength=len(columns.rules)))
    return total / total.sum() if total.sum() > 0 else total


def _take(table: Any, rows: np.ndarray) -> Any:
    if rows.all():
        return table
    if hasattr(table, "iloc"):
        return table.iloc[np.flatnonzero(rows)]
    return table.filter(rows) if hasattr(table, "columns") else table[rows]
