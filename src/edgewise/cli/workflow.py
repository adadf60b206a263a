"""From a table to a network that was judged on rows it never saw."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from .. import explain
from ..errors import TableWarning
from ..estimators import (
    KANClassifier,
    KANRegressor,
    Loss,
    constant_scores,
    formula_of,
    importances_of,
    loss_of,
    scores,
)
from ..events import emit
from ..network import Network
from ..train import Data
from .judging import judge
from .tables import Prepared

if TYPE_CHECKING:
    from ..explain import Formula

_FEWEST_DIGITS, _MOST_DIGITS = 4, 16
_HARMLESS = 1e-8
"""So much of the variance may be lost by rounding."""

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
        test_intervals: Of these, with a probability of 95 %.
        baseline: Of the mean, or of the classes' shares, on the same rows.
        pruned: What pruning took away, in words.
        formula: What was found, or None.
        no_formula: Why there is no formula; empty where there is one.
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
    test_intervals: dict[str, list[float]]
    baseline: dict[str, float]
    pruned: str
    formula: Any
    no_formula: str
    formula_scores: dict[str, float]
    samples: Tensor = field(repr=False)
    seconds: float = 0.0

    @property
    def model(self) -> Network:
        """The network."""
        return self.estimator.model_


@dataclass(frozen=True)
class Choices:
    """What a fit is asked for.

    Attributes:
        test: Share of the rows set aside; 0 for none.
        seed: Decides which ones.
        symbolic: Whether to look for a formula.
        settings: Of the estimator.
    """

    test: float = 0.2
    seed: int = 0
    symbolic: bool = True
    settings: Mapping[str, Any] = field(default_factory=dict)


def run_workflow(prepared: Prepared, choices: Choices) -> Run:
    """Set rows aside, train, prune, look for a formula, and measure all on the rows set aside.

    Args:
        prepared: The table.
        choices: What is asked for.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TableWarning)  # notes and diagnostics say it
        return _run(prepared, choices)


def _run(prepared: Prepared, choices: Choices) -> Run:
    started = time.perf_counter()
    rows, aside = _divide(len(prepared.inputs), choices.test, choices.seed)
    known, truth = prepared.inputs.iloc[rows].set_axis(rows + 1), prepared.target[rows]  # rows count from 1
    make = KANClassifier if prepared.kind == "classes" else KANRegressor
    estimator = make(random_state=choices.seed, **choices.settings)
    estimator.fit(known, truth, sample_weight=prepared.weights_of(rows))
    prepared = replace(prepared, notes=(*prepared.notes, *estimator.notes_))
    emit("message", "fit", text="pruning")
    samples, pruned = estimator.samples_, prune(estimator)
    new, truth_of_new = prepared.inputs.iloc[aside], prepared.target[aside]
    edges = sum(1 for _ in estimator.model_.active_edges())
    found, left_out = None, ""
    if not choices.symbolic:
        left_out = "none was looked for: --no-symbolic"
    elif edges > _MOST_EDGES:
        left_out = (
            f"none was looked for: {edges} edges are too many to read as one ({_MOST_EDGES} are the most)"
        )
    else:
        emit("message", "fit", text="looking for a formula")
        found = readable(formula_of(estimator.model_, _judged_on(estimator, new, truth_of_new)))
    emit("message", "fit", text="measuring")
    judged = len(aside) > 0
    judgement = judge(estimator, prepared, aside)
    return Run(
        estimator=estimator,
        prepared=prepared,
        train=rows,
        test=aside,
        scores=scores(estimator, known, truth, weights=prepared.weights_of(rows)),
        test_scores=judgement.scores,
        test_intervals=judgement.intervals,
        baseline=_baseline(prepared, rows, aside, loss_of(estimator)) if judged else {},
        pruned=pruned,
        formula=found,
        no_formula=left_out,
        formula_scores=_of_formula(estimator, found, new, truth_of_new) if found and judged else {},
        samples=samples,
        seconds=time.perf_counter() - started,
    )


def readable(found: Formula) -> Formula:
    """A formula with as few digits as leave its error and its verdict as they are; all that is said is of it.

    Args:
        found: With all digits.
    """
    best = 1 - float(found.r2)
    for digits in range(_FEWEST_DIGITS, _MOST_DIGITS):
        short = found.rounded(digits)
        if short.verdict == found.verdict and 1 - float(short.r2) <= 1.02 * best + _HARMLESS:
            return short
    return found


def _baseline(prepared: Prepared, rows: np.ndarray, aside: np.ndarray, loss: Loss) -> dict[str, float]:
    return constant_scores(
        prepared.kind,
        prepared.target[rows],
        prepared.target[aside],
        weights=None if prepared.weights is None else (prepared.weights[rows], prepared.weights[aside]),
        loss=loss,
    )


def _judged_on(estimator: Any, new: Any, truth: Any) -> Data:
    """The samples a formula is found on, and the rows set aside, which judge it; inputs alone for classes."""
    targets = estimator.targets_
    judged = targets is not None and len(new) > 0
    return Data(
        estimator.samples_,
        targets,
        test_x=torch.from_numpy(estimator.encoder_.transform(new)) if judged else None,
        test_y=torch.from_numpy(np.asarray(truth, dtype=np.float64)) if judged else None,
    )


def _divide(count: int, test: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    order = np.random.default_rng(seed).permutation(count)
    aside = round(test * count)
    return np.sort(order[aside:]), np.sort(order[:aside])


def prune(estimator: Any) -> str:
    """Replace the network by a smaller one where that loses next to nothing on training rows; says what went.

    Args:
        estimator: A fitted one, changed in place.
    """
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
