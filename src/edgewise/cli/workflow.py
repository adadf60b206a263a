"""From a table to a network that was judged on rows it never saw."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .. import explain
from ..estimators import KANClassifier, KANRegressor, constant_scores, formula_of, importances_of, scores
from ..events import emit
from ..network import Network
from .tables import Prepared

_MOST_EDGES = 80
"""So many edges a formula is looked for in; more would neither be quick nor be read."""


@dataclass(frozen=True)
class Run:
    """What came out of a fit.

    Attributes:
        estimator: As it was trained, and with the pruned network as its `model_`.
        prepared: The table.
        train: Numbers of the rows it was trained on.
        test: Numbers of the rows it never saw.
        scores: By name, on the training rows.
        test_scores: On the rows it never saw; empty without any.
        baseline: Of the mean, or of the classes' shares, on the same rows.
        pruned: What pruning took away, in words.
        formula: What was found, or None where there are too many edges.
        formula_scores: Of the formula, on the rows it never saw.
        samples: Coded rows to draw the network on.
        seconds: Wall-clock time.
    """

    estimator: Any
    prepared: Prepared
    train: np.ndarray
    test: np.ndarray
    scores: dict[str, float]
    test_scores: dict[str, float]
    baseline: dict[str, float]
    pruned: str
    formula: Any
    formula_scores: dict[str, float]
    samples: Tensor = field(repr=False)
    seconds: float = 0.0

    @property
    def model(self) -> Network:
        """The network."""
        return self.estimator.model_


def run_workflow(
    prepared: Prepared,
    *,
    test: float,
    seed: int,
    hidden: int | str,
    symbolic: bool,
) -> Run:
    """Set rows aside, train, prune, look for a formula, and measure all on the rows set aside.

    Args:
        prepared: The table.
        test: Share of the rows set aside; 0 for none.
        seed: Decides which ones.
        hidden: As for the estimators.
        symbolic: Whether to look for a formula.
    """
    started = time.perf_counter()
    rows, aside = _divide(len(prepared.inputs), test, seed)
    known, truth = prepared.inputs.iloc[rows], prepared.target[rows]
    make = KANClassifier if prepared.kind == "classes" else KANRegressor
    estimator = make(hidden=hidden, random_state=seed).fit(known, truth)
    emit("message", "fit", text="pruning")
    samples, pruned = estimator.samples_, _prune(estimator)
    new, truth_of_new = prepared.inputs.iloc[aside], prepared.target[aside]
    found = None
    if symbolic and sum(1 for _ in estimator.model_.active_edges()) <= _MOST_EDGES:
        emit("message", "fit", text="looking for a formula")
        found = formula_of(estimator.model_, samples)
    emit("message", "fit", text="measuring")
    judged = len(aside) > 0
    return Run(
        estimator=estimator,
        prepared=prepared,
        train=rows,
        test=aside,
        scores=scores(estimator, known, truth),
        test_scores=scores(estimator, new, truth_of_new) if judged else {},
        baseline=constant_scores(prepared.kind, truth, truth_of_new) if judged else {},
        pruned=pruned,
        formula=found,
        formula_scores=_of_formula(estimator, found, new, truth_of_new) if found and judged else {},
        samples=samples,
        seconds=time.perf_counter() - started,
    )


def _divide(count: int, test: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    order = np.random.default_rng(seed).permutation(count)
    aside = round(test * count)
    return np.sort(order[aside:]), np.sort(order[:aside])


def _prune(estimator: Any) -> str:
    """Replace the network by a smaller one where that loses next to nothing on training rows; says what went."""
    model, x = estimator.model_, estimator.samples_
    pruned = explain.prune_by_loss(model, x)
    used = pruned.model
    estimator.model_ = used
    estimator.feature_importances_ = importances_of(used, x, estimator.encoder_)
    read = f"{len(used.names)} of {len(model.names)} encoded columns are read"
    return f"cut {len(pruned.edges)} edges, {len(pruned.nodes)} hidden nodes; width {used.width}; {read}"


def _of_formula(estimator: Any, found: Any, new: Any, truth: Any) -> dict[str, float]:
    columns = estimator.model_.columns.tolist()
    outputs = found(estimator.encoder_.transform(new)[:, columns])
    return scores(estimator, new, truth, torch.tensor(outputs)) if np.isfinite(outputs).all() else {}
