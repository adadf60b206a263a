"""What the page says of single rows: a few predictions, each as a sum of what the columns add."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..estimators import explain_row
from ..plots import number_text, step_name
from .bars import Scale
from .report_shapes import kinds_of, signed, unit_of
from .workflow import Run


def rows_section(run: Run, target: str) -> dict[str, Any]:
    """A few predictions, each as a sum of what the columns add.

    Args:
        run: What came out of the fit.
        target: Name of the column that is predicted.
    """
    rows = run.test if len(run.test) else run.train
    chosen = _rows_to_explain(run, rows)
    explained = [
        (title, row, explain_row(run.estimator, run.prepared.inputs.iloc[[row]])) for title, row in chosen
    ]
    effects = [step.effect for *_, found in explained for step in found.steps]
    scale = Scale(min([0.0, *effects]), max([0.0, *effects]))
    exact = run.model.depth == 1
    how = (
        "These are the parts that the prediction is the sum of"
        if exact
        else "These are Shapley values of the model: what a column adds, on average over all orders in which columns may be told"
    )
    lines = [
        f"What each column adds, in units of {unit_of(run, target)}, from the mean prediction to that of the row. {how}."
    ]
    cards = [_row_card(run, title, row, found, scale) for title, row, found in explained]
    return {"lines": lines, "cards": cards}


def _rows_to_explain(run: Run, rows: np.ndarray) -> list[tuple[str, int]]:
    inputs, truth = run.prepared.inputs.iloc[rows], run.prepared.target[rows]
    if run.prepared.kind == "values":
        level = run.estimator.predict(inputs)
        wrong = np.abs(level - truth.astype(np.float64))
        words = ("Lowest prediction", "Middle prediction", "Highest prediction")
    else:
        shares, classes = run.estimator.predict_proba(inputs), list(run.estimator.classes_)
        level = shares[:, 1] if len(classes) == 2 else shares.max(1)
        wrong = 1 - shares[np.arange(len(rows)), [classes.index(label) for label in truth]]
        what = str(classes[1]) if len(classes) == 2 else "the likeliest class"
        words = (f"Least like {what}", "In the middle", f"Most like {what}")
        if len(classes) > 2:
            words = ("Least sure", "In the middle", "Surest")
    order = np.argsort(level, kind="stable")
    picked = [order[0], order[len(order) // 2], order[-1], int(np.argmax(wrong))]
    found: dict[int, str] = {}
    for word, place in zip((*words, "Furthest off"), picked, strict=True):
        row = int(rows[place])
        found[row] = f"{found[row]}, {word[0].lower()}{word[1:]}" if row in found else word
    return [(f"{word}: row {row + 1}", row) for row, word in found.items()]


def _row_card(run: Run, title: str, row: int, found: Any, scale: Scale) -> dict[str, Any]:
    kinds, actual = kinds_of(run), run.prepared.target[row]
    if run.prepared.kind == "values":
        line = (
            f"Predicted {number_text(found.total)}, actual {number_text(float(actual))}; the mean prediction is "
            f"{number_text(found.base)}."
        )
    else:
        shares = run.estimator.predict_proba(run.prepared.inputs.iloc[[row]])[0]
        classes = run.estimator.classes_
        said = ", ".join(
            f"{classes[n]} {100 * shares[n]:.0f} %" for n in np.argsort(-shares, kind="stable")[:3]
        )
        line = f"Predicted {said}; actual {actual}."
        if found.output:
            line += f" Told is the log-odds of {found.output}."
    steps = [
        {
            "name": step_name(step, kinds),
            "bar": scale.bar(step.effect, tone="up" if step.effect > 0 else "down"),
            "effect": signed(step.effect),
        }
        for step in found.steps
    ]
    return {"title": title, "line": line, "steps": steps}
