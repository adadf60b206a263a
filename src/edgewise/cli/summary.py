"""What is worth keeping of a fit, as plain values."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import torch

from .._json import plain_values
from ..estimators import loss_of
from ..explain import Errors, Finding, diagnose_errors, diagnose_network
from .formula_symbols import shown_symbols, with_brackets
from .judging import class_tables
from .tables import Prepared
from .workflow import Run

_COVERAGE = 0.9
_OPTIONS = {
    "no test samples": "--test 0.2",
    "overfitting": "--hidden 0",
    "underfitting": "--hidden 8",
    "collinearity": "--ignore COLUMN",
    "few samples": "--seed 1",
}
"""What helps against a cause, in the words of the command line."""


def summarise(run: Run, target: str) -> dict[str, Any]:
    """Scores, importances, formula and findings, ready for JSON.

    Args:
        run: What came out of the fit.
        target: Name of the column that is predicted.
    """
    estimator, found = run.estimator, run.formula
    classes = getattr(estimator, "classes_", None)
    found_values = {
        "target": target,
        "task": run.prepared.kind,
        "loss": asdict(loss_of(run.estimator)) if run.prepared.kind == "values" else None,
        "classes": None if classes is None else [str(label) for label in classes],
        "rows": {"train": len(run.train), "held_out": len(run.test)},
        "intervals": run.test_intervals,
        **(class_tables(estimator, run.prepared, run.test) or {}),
        "scores": {"train": run.scores, "held_out": run.test_scores, "baseline": run.baseline},
        "importances": importances(run),
        "width": [entry if isinstance(entry, int) else list(entry) for entry in run.model.width],
        "pruned": run.pruned,
        "formula": None if found is None else _formula(run, target),
        "no_formula": run.no_formula,
        "diagnostics": [_described(finding, run) for finding in diagnose(run)],
        "notes": list(run.prepared.notes),
        "reading": reading(run.prepared),
        "interval": interval(run),
        "seconds": round(run.seconds, 2),
    }
    return plain_values(found_values)


def diagnose(run: Run) -> list[Finding]:
    """What could be wrong with a fit: `explain.diagnose` of what was measured on its table.

    Args:
        run: What came out of the fit.
    """
    name = loss_of(run.estimator).score if run.prepared.kind == "values" else "log_loss"
    name = name if name in run.scores else "rmse"
    errors = Errors(name, run.scores[name], run.test_scores.get(name), run.baseline.get(name))
    new = None
    if len(run.test):
        new = torch.from_numpy(run.estimator.encoder_.transform(run.prepared.inputs.iloc[run.test]))
    return [
        diagnose_errors(errors),
        *diagnose_network(run.model, run.samples, new, rows=len(run.train)),
    ]


def reading(prepared: Prepared) -> dict[str, Any]:
    """How the columns of other files are to be read.

    Args:
        prepared: The table of the fit.
    """
    columns = {
        name: {"kind": kind.kind, "style": kind.style, "given": kind.given}
        for name, kind in prepared.kinds.items()
    }
    usual = prepared.usual
    return {
        "columns": columns,
        "decimal": usual.decimal,
        "date": usual.date,
        "missing": list(prepared.missing),
    }


def interval(run: Run) -> dict[str, float] | None:
    """How far from the prediction 90 % of new values lie, by rows that were not trained on; None for few of them.

    This is split conformal prediction: of n held-out rows the error of rank 0.9 (n + 1) is taken, so that a new
    row of the same kind lies within with a probability of at least 0.9, whatever the model. There is none around a
    quantile, which is an end of an interval itself.

    Args:
        run: What came out of the fit.

    Source: Lei et al. 2018, "Distribution-free predictive inference for regression".
    """
    rank = math.ceil(_COVERAGE * (len(run.test) + 1))
    if run.prepared.kind != "values" or rank > len(run.test) or loss_of(run.estimator).name == "quantile":
        return None
    inputs, truth = run.prepared.inputs.iloc[run.test], run.prepared.target[run.test]
    errors = np.sort(np.abs(run.estimator.predict(inputs) - truth))
    return {"level": _COVERAGE, "half_width": float(errors[rank - 1])}


def _described(finding: Finding, run: Run) -> dict[str, str]:
    option = _OPTIONS.get(finding.cause)
    if finding.cause == "overfitting" and run.model.depth == 1:
        option = f"--penalty {10 * run.estimator.search_result_.roughness.strength:.2g}"  # no hidden node is there to go
        finding = replace(
            finding,
            advice="Overfitting: the curves follow their training rows more closely than new ones. Smooth them, or add rows.",
        )
    advice = f"{finding.advice} Try {option}." if option else finding.advice
    return {"name": finding.name, "value": finding.value, "advice": advice}


def importances(run: Run) -> dict[str, float]:
    """Share of each column in the spread of the predictions, highest first."""
    shares = run.estimator.feature_importances_
    order = np.argsort(-shares, kind="stable")
    names = list(run.prepared.inputs.columns)
    return {names[place]: round(float(shares[place]), 4) for place in order}


def named_equations(text: str, target: str, classes: Sequence[Any]) -> str:
    """Equations of y, or of y_1, y_2, ..., as equations of what is predicted.

    Args:
        text: One line an equation.
        target: Name of the column that is predicted.
        classes: Its classes; empty for values.

    Example:
        >>> named_equations("y = 2*size", "price", ())
        'price = 2*size'
    """
    if not len(classes):
        names = [target]
    elif len(classes) == 2:
        names = [f"log-odds of {target} being {classes[1]}"]
    else:
        names = [f"logit of {target} being {label}" for label in classes]
    left = iter(names)
    return "\n".join(
        f"{next(left, 'y')} = {line.partition(' = ')[2]}" if re.match(r"y(?:_\d+)? = ", line) else line
        for line in text.split("\n")
    )


def _formula(run: Run, target: str) -> dict[str, Any]:
    found = run.formula
    return {
        "text": with_brackets(
            named_equations(found.equations(), target, getattr(run.estimator, "classes_", ())),
            shown_symbols(run),
        ),
        "latex": found.latex(),
        "verdict": found.verdict,
        "reason": found.reason,
        "r2_to_network": float(found.r2),
        "train_rmse": found.train_rmse,
        "test_rmse": found.test_rmse,
        "loss_ratio": found.loss_ratio,
        "noise": found.noise,
        "splines": len(found.splines),
        "held_out": run.formula_scores,
    }
