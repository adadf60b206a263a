"""What is worth keeping of a fit, as plain values."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from ..explain import Errors, Finding, diagnose_errors, diagnose_network
from .workflow import Run

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
    return {
        "target": target,
        "task": run.prepared.kind,
        "classes": None if classes is None else [str(label) for label in classes],
        "rows": {"train": len(run.train), "held_out": len(run.test)},
        "scores": {"train": run.scores, "held_out": run.test_scores, "baseline": run.baseline},
        "importances": importances(run),
        "width": [entry if isinstance(entry, int) else list(entry) for entry in run.model.width],
        "pruned": run.pruned,
        "formula": None if found is None else _formula(run),
        "diagnostics": [_described(finding) for finding in diagnose(run)],
        "notes": list(run.prepared.notes),
        "seconds": round(run.seconds, 2),
    }


def diagnose(run: Run) -> list[Finding]:
    """What could be wrong with a fit: `explain.diagnose` of what was measured on its table.

    Args:
        run: What came out of the fit.
    """
    name = "rmse" if "rmse" in run.scores else "log_loss"
    errors = Errors(name, run.scores[name], run.test_scores.get(name), run.baseline.get(name))
    new = None
    if len(run.test):
        new = torch.from_numpy(run.estimator.encoder_.transform(run.prepared.inputs.iloc[run.test]))
    return [
        diagnose_errors(errors),
        *diagnose_network(run.model, run.samples, new, rows=len(run.train)),
    ]


def _described(finding: Finding) -> dict[str, str]:
    option = _OPTIONS.get(finding.cause)
    advice = f"{finding.advice} Try {option}." if option else finding.advice
    return {"name": finding.name, "value": finding.value, "advice": advice}


def importances(run: Run) -> dict[str, float]:
    """Share of each column in the spread of the predictions, highest first."""
    shares = run.estimator.feature_importances_
    order = np.argsort(-shares, kind="stable")
    names = list(run.prepared.inputs.columns)
    return {names[place]: round(float(shares[place]), 4) for place in order}


def _formula(run: Run) -> dict[str, Any]:
    found = run.formula
    short = found.rounded(4)
    return {
        "text": str(short),
        "latex": short.latex(),
        "r2_to_network": float(found.r2),
        "splines": len(found.splines),
        "held_out": run.formula_scores,
    }
