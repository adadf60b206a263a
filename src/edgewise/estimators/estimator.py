"""What both estimators do: take a table, search for a network, and explain it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.utils.validation import _check_feature_names_in, _check_sample_weight, check_is_fitted
from torch import Tensor

from .. import explain
from ..events import Event, emit, listen
from ..network import Edge, Network, Scaler, as_inputs, select_nodes, split_targets, stand_for
from ..train import Data, predict_in_chunks
from .choose_transforms import choose_transforms
from .columns import ColumnTransform, FittedEncoder, LevelTargets, TableEncoder, fit_encoder
from .contributions import Contributions, shapley_values
from .leaks import find_leaks
from .log_link import above, below_link, exponential_layer, has_log_link
from .outliers import lines_on_cells, lines_on_targets, row_labels
from .resume import LastFit, resume
from .rough_fit import noise_of
from .samples import Samples, deduplicate, typical
from .search import ModelSearchResult, search
from .settings import checked_settings, resolve
from .tables import checked_table, rows_of
from .task import Task, weighted_scaler

if TYPE_CHECKING:
    from ..explain import Formula

_OF_CLASSES = 0.98  # r2 of formulas for logits, of which no noise is known
_KEPT_ROWS = 1000
_SHOWN = 8


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
    warm_start: bool
    verbose: bool | Callable[[str], None]

    def __sklearn_tags__(self) -> Any:
        """Gaps, categories in frames and sparse matrices are taken; everything else is as usual."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.sparse = True
        tags.input_tags.categorical = True
        return tags

    def _fit(
        self,
        table: Any,
        y: np.ndarray,
        weights: np.ndarray,
        make_task: Any,
        repeats: np.ndarray | None = None,
    ) -> None:
        """Learn from a checked table, encoded targets and weights; `repeats` as for `deduplicate`."""
        with listen(self._print) if self.verbose else nullcontext():
            self._search(table, y, weights, make_task, weights if repeats is None else repeats)

    def _search(
        self, table: Any, y: np.ndarray, weights: np.ndarray, make_task: Any, repeats: np.ndarray
    ) -> None:
        given, seed = checked_settings(self.get_params(deep=False)), self._seed()
        used = weights > 0
        self.n_samples_fit_ = int(used.sum())
        labels, y, weights = row_labels(table, used), y[used], weights[used]
        columns = self._learn_columns(rows_of(table, used), y, weights, seed)
        samples = deduplicate(columns.encoded, y, weights, repeats[used])
        task = make_task(samples.y, samples.weights)
        transforms = choose_transforms(samples, task, columns.encoder.numeric, seed)
        self.encoder_ = columns.encoder.with_transforms(transforms)
        samples = replace(samples, x=_transformed(samples.x, transforms))
        scaler, last = weighted_scaler(samples.x, samples.weights), self._last_fit(given, task)
        if last is not None:
            scaler, task = last.inputs, last.task
        elif task.is_robust:
            task = replace(task, noise=noise_of(samples, task, seed))
        scaled = replace(samples, x=scaler(samples.x), y=task.targets(samples.y))
        settings = resolve(
            samples.size,
            different=len(samples),
            seed=seed,
            classes=task.kind != "values",
            one_step=task.is_least_squares,
            **given,
        )
        line = f"{len(samples)} different samples, {samples.x.shape[1]} encoded columns"
        emit("message", "fit", text=line)
        found = search(scaled, task, settings) if last is None else resume(last.found, scaled, task, settings)
        self._last = LastFit(self._key(given, task), found, scaler, task)
        self.model_ = self._network(found, scaler, task)
        self._note(found, samples, task)
        self._remark(columns, task, y, labels)

    def _remark(self, columns: FittedEncoder, task: Task, y: np.ndarray, labels: Sequence[Any]) -> None:
        """Say what is worth saying, in `notes_` and as a warning: of wild targets where they draw the fit to them."""
        remarks, x = columns.remarks, torch.from_numpy(columns.encoded)
        remarks.lines += lines_on_cells(self.encoder_, columns.encoded, labels)
        of_targets: list[str] = []
        if task.kind == "values":
            guesses = predict_in_chunks(self.model_, _transformed(x, self.encoder_.transforms)).numpy()
            of_targets = lines_on_targets(self._output_names(), y, guesses, labels, task.is_least_squares)
        if task.is_least_squares:
            remarks.lines += of_targets
        remarks.warn("fit")
        lines = self._lines_on_screening()
        for line in lines:
            emit("message", "fit", text=line)
        self.notes_ = (*remarks.lines, *([] if task.is_least_squares else of_targets), *lines)

    def _network(self, found: ModelSearchResult, scaler: Scaler, task: Task) -> Network:
        """The trained layers between scalers, or below exponentials where there is a log link."""
        names, layers = self.encoder_.names, list(found.model.layers)
        if task.has_log_link:
            layers.append(exponential_layer(task.scaler.shift))
        network = Network(
            layers,
            input_names=names if len(set(names)) == len(names) else None,
            input_scaler=scaler,
            output_scaler=None if task.has_log_link else task.scaler,
        )
        if found.columns is None:
            return network
        return select_nodes(network, [found.columns, *(range(layer.out_features) for layer in layers)])

    def _learn_columns(self, rows: Any, y: np.ndarray, weights: np.ndarray, seed: int) -> FittedEncoder:
        """Find the rules of the columns, and what is worth saying of them."""
        targets = LevelTargets(*self._level_targets(y), seed=seed)
        fitted = fit_encoder(rows, self._names(), self.categories, weights=weights, targets=targets)
        fitted.remarks.lines += find_leaks(fitted.encoder, fitted.encoded, y)
        return fitted

    def _key(self, given: dict[str, Any], task: Task) -> Any:
        """What must be as it was for a fit to go on from the last one."""
        kept = {
            name: value for name, value in given.items() if name not in ("steps", "patience", "validation")
        }
        return kept, self.encoder_.names, task.kind, task.loss, list(map(str, self._output_names()))

    def _last_fit(self, given: dict[str, Any], task: Task) -> LastFit | None:
        last: LastFit | None = getattr(self, "_last", None)
        same = self.warm_start and last is not None and last.key == self._key(given, task)
        return last if same else None

    def _note(self, found: ModelSearchResult, samples: Samples, task: Task) -> None:
        self.search_result_, self.n_iter_ = found, max(1, found.steps)
        self.history_ = dict(found.history)
        owners = self.encoder_.owners
        read = set(owners if found.columns is None else owners[list(found.columns)])
        self.screened_out_ = [name for place, name in enumerate(self._names()) if place not in read]
        kept, weights = typical(samples, _KEPT_ROWS)
        usual = task.usual(predict_in_chunks(self.model_, samples.x[kept]), samples.y[kept])
        kept, self.sample_weights_ = kept[usual], weights[usual]
        self.samples_ = samples.x[kept]
        self.targets_ = samples.y[kept] if task.predicts_means else None
        self.feature_importances_ = importances_of(self.model_, self.samples_, self.encoder_)
        self._formula: Formula | None = None

    def _lines_on_screening(self) -> list[str]:
        """Say which columns of a wide table have no curve: it is meant, and no reason to warn."""
        out = self.screened_out_
        if not out:
            return []
        shown = ", ".join(out[:_SHOWN]) + (", ..." if len(out) > _SHOWN else "")
        return [
            f"{len(out)} of {self.n_features_in_} columns are left out, as rows set aside are predicted no worse: {shown}"
        ]

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

    def _weights(self, sample_weight: Any, table: Any) -> np.ndarray:
        weights = _check_sample_weight(
            sample_weight, np.empty((len(table), 1)), dtype=np.float64, ensure_non_negative=True
        )
        if not weights.sum() > 0:
            raise ValueError(
                f"{type(self).__name__}: sample_weight must not be all zero; give some rows weight."
            )
        return weights

    def _level_targets(self, y: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
        """What columns of many levels are coded by, one column each, and their names."""
        raise NotImplementedError

    def _output_names(self) -> tuple[str, ...]:
        """Names of the network's outputs."""
        raise NotImplementedError

    def _names(self) -> list[str]:
        if hasattr(self, "feature_names_in_"):
            return [str(name) for name in self.feature_names_in_]
        return [f"x_{column + 1}" for column in range(self.n_features_in_)]

    def _encoded(self, table: Any, where: str) -> Tensor:
        check_is_fitted(self)
        encoded, remarks = self.encoder_.encode(checked_table(self, table, where))
        remarks.warn(where)
        return torch.from_numpy(encoded)

    def _outputs(self, table: Any, where: str = "predict") -> np.ndarray:
        encoded = self._encoded(table, where)
        return predict_in_chunks(self.model_, encoded).numpy()

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Names of the encoded columns, which the network reads.

        Args:
            input_features: The names of the columns again, or None.

        Raises:
            ValueError: they are not those of the fit.
        """
        check_is_fitted(self)
        _check_feature_names_in(self, input_features)
        return np.asarray(self.encoder_.names, dtype=object)

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

    def contributions(self, X: Any) -> Contributions:
        """What each column adds to each prediction, by Shapley values of the network; for classes, to the logits.

        Contributions are beside the mean prediction of the training rows in `samples_`. Of a sum of one curve a column
        they are the curves less their means. With a hidden level, other columns are filled in from 100 of these rows:
        all sets of columns are gone through where up to six matter, else 200 orders of them. Either way they add up to
        the prediction.

        Args:
            X: As for `fit`.

        Returns:
            `base`, `values` of shape (n, n_features_in_) for one output, else (n, n_features_in_, outputs), and
            `names`; `base + values.sum(1)` is the prediction. `pandas.DataFrame(found.columns())` is a table of it.

        Source: Lundberg and Lee 2017, "A unified approach to interpreting model predictions".
        """
        encoded = self._encoded(X, "contributions")
        owners = torch.from_numpy(self.encoder_.owners)
        base, values = shapley_values(self.model_, encoded, self.samples_, self.sample_weights_, owners)
        one = values.shape[2] == 1
        return Contributions(
            float(base[0]) if one else base.numpy(),
            values[:, :, 0].numpy() if one else values.numpy(),
            tuple(self._names()),
            self._output_names(),
        )

    def __getstate__(self) -> dict[str, Any]:
        """Formulas are found anew: sympy's functions do not travel."""
        return {**super().__getstate__(), "_formula": None}


def _transformed(x: Tensor, transforms: Mapping[int, ColumnTransform]) -> Tensor:
    """Encoded columns, some read in another way."""
    columns = {place: torch.from_numpy(one(x[:, place].numpy())) for place, one in transforms.items()}
    return torch.stack([columns.get(place, x[:, place]) for place in range(x.shape[1])], 1) if columns else x


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
        if isinstance(data, Data) and r2 is None and has_log_link(small):
            below, working = below_link(small, data)
            symbolic = above(small, explain.symbolify(below, working).model)
        else:
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
        >>> columns = fit_encoder(np.array([[0.0], [1.0]]), ["a"]).encoder
        >>> importances_of(build([1, 1], seed=0), torch.tensor([[0.0], [1.0]]), columns).tolist()
        [1.0]
    """
    scores = explain.attribute(model, x).nodes[0].double().numpy()
    owners = columns.owners[model.columns.numpy()]
    total = np.sqrt(np.bincount(owners, weights=scores**2, minlength=len(columns.rules)))
    return total / total.sum() if total.sum() > 0 else total
