"""What is worth keeping of a fit, as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .diagnostics import Finding
from .workflow import Story


def notes_of(story: Story, target: str, findings: Sequence[Finding]) -> dict[str, Any]:
    """Scores, importances, formula and findings, ready for JSON.

    Args:
        story: What came out of the fit.
        target: Name of the column that is predicted.
        findings: Of `diagnose`.
    """
    estimator, found = story.estimator, story.formula
    classes = getattr(estimator, "classes_", None)
    return {
        "target": target,
        "task": story.prepared.kind,
        "classes": None if classes is None else [str(label) for label in classes],
        "rows": {"train": len(story.train), "held_out": len(story.test)},
        "scores": {"train": story.scores, "held_out": story.test_scores, "baseline": story.baseline},
        "importances": importances(story),
        "width": [entry if isinstance(entry, int) else list(entry) for entry in story.model.width],
        "pruned": story.pruned,
        "formula": None if found is None else _formula(story),
        "diagnostics": [vars(finding) for finding in findings],
        "notes": list(story.prepared.notes),
        "seconds": round(story.seconds, 2),
    }


def importances(story: Story) -> dict[str, float]:
    """Share of each column in the spread of the predictions, highest first."""
    shares = story.estimator.feature_importances_
    order = np.argsort(-shares, kind="stable")
    names = list(story.prepared.inputs.columns)
    return {names[place]: round(float(shares[place]), 4) for place in order}


def _formula(story: Story) -> dict[str, Any]:
    found = story.formula
    short = found.rounded(4)
    return {
        "text": str(short),
        "latex": short.latex(),
        "r2_to_network": float(found.r2),
        "splines": len(found.splines),
        "held_out": story.formula_scores,
    }
