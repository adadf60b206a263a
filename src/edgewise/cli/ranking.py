"""Which of several models is best on a table, and whether that is more than luck of the folds."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..estimators import Comparison

MORE_IS_BETTER = frozenset({"r2", "accuracy", "balanced_accuracy", "auc"})
_STUDENT = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23)
"""Student's t of a probability of 0.975 for 1 to 10 degrees of freedom."""


def half_width(values: Any) -> float:
    """Half of the 95 % interval of a mean over folds; folds share training rows, which is allowed for.

    Args:
        values: One a fold.

    Source: Nadeau and Bengio 2003, "Inference for the generalization error": the variance is multiplied by
    1 / folds + test / training rows.

    Example:
        >>> round(half_width([1.0, 2.0, 3.0]), 3)
        3.925
    """
    count = len(values)
    free = count - 1
    student = _STUDENT[free - 1] if free <= len(_STUDENT) else 1.96 + 2.6 / free
    return float(student * np.sqrt(np.var(values, ddof=1) * (1 / count + 1 / free)))


def described(one: Comparison) -> dict[str, Any]:
    """A model's scores, ready for JSON.

    Args:
        one: What was measured.

    Example:
        >>> described(Comparison("linear", {"rmse": [1.0, 1.0]}, [0.5, 0.5]))["scores"]["rmse"]["mean"]
        1.0
    """
    scores = {}
    for name, values in one.scores.items():
        mean, half = float(np.mean(values)), half_width(values)
        scores[name] = {
            "mean": mean,
            "deviation": float(np.std(values)),
            "interval": [mean - half, mean + half],
        }
    return {"model": one.name, "scores": scores, "seconds": float(np.mean(one.seconds))}


def ranking_table(found: list[Comparison]) -> tuple[list[str], list[list[str]]]:
    """Heads and rows, a model a row, a score a column.

    Args:
        found: What was measured.

    Example:
        >>> ranking_table([Comparison("a", {"rmse": [1.0, 1.0]}, [0.0]), Comparison("b", {"rmse": [2.0, 2.0]}, [0.0])])[1]
        [['a', '1 ± 0 *', '0.00'], ['b', '2 ± 0', '0.00']]
    """
    names = list(dict.fromkeys(name for one in found for name in one.scores))
    rows = [
        [one.name, *(_cell(one, name, found) for name in names), f"{np.mean(one.seconds):.2f}"]
        for one in found
    ]
    return ["", *(name.replace("_", " ") for name in names), "seconds"], rows


def _cell(one: Comparison, name: str, found: list[Comparison]) -> str:
    if name not in one.scores:
        return ""
    means = [other.mean(name) for other in found if name in other.scores]
    best = max(means) if name in MORE_IS_BETTER else min(means)
    mark = " *" if one.mean(name) == best else ""
    return f"{one.mean(name):.4g} ± {half_width(one.scores[name]):.2g}{mark}"


def verdict(found: list[Comparison]) -> str:
    """In words: who is best by the first score that all are trained for, and whether that is a tie.

    Args:
        found: What was measured, ours first.

    Example:
        >>> verdict([Comparison("edgewise", {"rmse": [1.0, 1.2]}, []), Comparison("linear", {"rmse": [2.0, 2.2]}, [])])
        'edgewise is best by rmse: 1.1, the next (linear) 2.1.'
        >>> verdict([Comparison("edgewise", {"rmse": [1.0, 1.2]}, []), Comparison("linear", {"rmse": [0.9, 1.25]}, [])])
        'A tie by rmse between edgewise 1.1 and linear 1.075: the folds do not tell them apart.'
    """
    score = "rmse" if "rmse" in found[0].scores else "log_loss"
    order = sorted(found, key=lambda one: one.mean(score))
    ours, best = found[0], order[0]
    level = [one for one in order if one is ours or not _apart(ours, one, score)]
    if best in level and len(level) > 1:
        names = [ours, *(one for one in level if one is not ours)]
        shown = ", ".join(f"{one.name} {one.mean(score):.4g}" for one in names[:-1])
        last = f"{names[-1].name} {names[-1].mean(score):.4g}"
        return f"A tie by {score} between {shown} and {last}: the folds do not tell them apart."
    if best is ours:
        return f"{ours.name} is best by {score}: {ours.mean(score):.4g}, the next ({order[1].name}) {order[1].mean(score):.4g}."
    return (
        f"{best.name} is best by {score}: {best.mean(score):.4g}; {ours.name} has {ours.mean(score):.4g}, which is more "
        f"than the folds differ."
    )


def _apart(one: Comparison, other: Comparison, score: str) -> bool:
    """Whether the folds tell two models apart: the interval of their differences leaves out zero."""
    gaps = np.subtract(one.scores[score], other.scores[score])
    return abs(float(gaps.mean())) > half_width(gaps)
