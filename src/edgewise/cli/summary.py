"""What is worth keeping of a fit, as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .diagnostics import Finding
from .workflow import Run


def summarise(run: Run, target: str, findings: Sequence[Finding]) -> dict[str, Any]:
    """Scores, importances, formula and findings, ready for JSON.

    Args:
        run: What came out of the fit.
        target: Name of the column that is predicted.
        findings: Of `diagnose`.
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
        "diagnostics": [vars(finding) for finding in findings],
        "notes": list(run.prepared.notes),
        "seconds": round(run.seconds, 2),
    }


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
