"""What the page says of scores and importances, as plain values for the template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..estimators import calibration, roc_points
from ..plots import (
    draw_actual_and_predicted,
    draw_calibration,
    draw_residuals,
    draw_roc,
    number_text,
)
from .bars import Scale
from .folds import COUNT, MOST_ROWS, Folds
from .pictures import picture
from .report_shapes import rows_text
from .workflow import Run

_NAMES = {
    "rmse": "root mean square error (RMSE)",
    "mae": "mean absolute error (MAE)",
    "r2": "share of the variance explained (R²)",
    "pinball_loss": "pinball loss of the quantile",
    "poisson_deviance": "mean Poisson deviance",
    "gamma_deviance": "mean gamma deviance",
    "quantile_loss": "quantile loss",
    "accuracy": "share of rows put right (accuracy)",
    "balanced_accuracy": "the same, classes counting alike",
    "log_loss": "log loss",
    "calibration_error": "calibration error",
    "auc": "area under the ROC curve (AUC)",
}
_MOST_ROWS_OF_BARS = 20
_CLASSES = 6
_MOST_CONFUSED = 12


def tiles(summary: Mapping[str, Any], folds: Folds) -> list[dict[str, str]]:
    """The few numbers at the top of the page.

    Args:
        summary: Of `summarise`.
        folds: Of `over_folds`.
    """
    held, plain = summary["scores"]["held_out"], summary["scores"]["baseline"]
    where = "on rows it never saw"
    if not held:
        held, plain, where = _means(folds.scores), _means(folds.baseline), "on rows left out by turns"
    if summary["classes"] is None:
        told = [
            (f"off by, on average, {where}", _told(held.get("mae"))),
            ("off by without any column", _told(plain.get("mae"))),
            ("of the variance explained", _percent(held.get("r2"))),
        ]
    else:
        told = [
            (f"right, {where}", _percent(held.get("accuracy"))),
            ("right without any column", _percent(plain.get("accuracy"))),
            ("area under the ROC curve", _told(held.get("auc"), 3)),
        ]
    rows = summary["rows"]
    told.append(("rows to learn from, and set aside", f"{rows['train']:,} + {rows['held_out']:,}"))
    return [{"what": what, "value": value} for what, value in told]


def _means(scores: Mapping[str, Sequence[float]]) -> dict[str, float]:
    return {name: float(np.mean(values)) for name, values in scores.items()}


def _told(value: float | None, digits: int = 4) -> str:
    return "not known" if value is None else number_text(value, digits)


def _percent(value: float | None) -> str:
    if value is None or not np.isfinite(value):
        return "not known"
    return f"{100 * value:.1f} %"


def good_section(run: Run, summary: Mapping[str, Any], folds: Folds) -> dict[str, Any]:
    """Scores with what they are beside, and predictions beside what they should have been.

    Args:
        run: What came out of the fit.
        summary: Of `summarise`.
        folds: Of `over_folds`.
    """
    found = {
        "lines": _in_short(summary),
        "method": _method(summary, folds),
        "scores": _score_rows(summary, folds),
        "pictures": [],
        "confusion": None,
    }
    rows = run.test if len(run.test) else run.train
    where = "rows set aside" if len(run.test) else "training rows, which flatters the model"
    if summary["classes"] is None:
        found["pictures"] = _of_values(run, rows, where, str(summary["target"]))
    else:
        found["pictures"] = _of_classes(run, rows, where, str(summary["target"]))
        if "confusion" in summary and len(summary["classes"]) <= _MOST_CONFUSED:
            found["confusion"] = _confusion(summary)
    return found


def _loss(summary: Mapping[str, Any]) -> str:
    return str((summary.get("loss") or {}).get("name", "squared_error"))


def _in_short(summary: Mapping[str, Any]) -> list[str]:
    """The most important score in a sentence, beside that of no model at all."""
    held, plain, ends = (
        summary["scores"]["held_out"],
        summary["scores"]["baseline"],
        summary.get("intervals") or {},
    )
    name = "mae" if summary["classes"] is None else "accuracy"
    if held.get(name) is None or plain.get(name) is None:
        return []
    if _loss(summary) == "quantile":
        level = f"{100 * summary['loss']['quantile']:g} %"
        return [
            f"Predicted is a quantile: what {level} of targets are below. The table below judges it by its pinball loss."
        ]
    said = [_with_ends(held[name], ends.get(name)), _cell(plain[name])]
    if name == "mae":
        better = held[name] < plain[name]
        first = f"On {rows_text(summary['rows']['held_out'])} that it never saw, predictions are off by {said[0]} on average"
    else:
        better = held[name] > plain[name]
        first = f"Of {rows_text(summary['rows']['held_out'])} that it never saw, a share of {said[0]} was put into the right class"
    word = f"without any column it would be {said[1]}"
    lines = [f"{first}; {word}."]
    if not better:
        lines.append("That is no better than a guess that looks at no column: the model should not be used.")
    return lines


def _method(summary: Mapping[str, Any], folds: Folds) -> list[str]:
    lines = []
    if summary["scores"]["held_out"]:
        lines.append(
            f"{rows_text(summary['rows']['held_out'])}, drawn at random, were set aside before anything was learned; the "
            f"intervals are those of other draws of as many rows (bootstrap)."
        )
    else:
        lines.append("No rows were set aside: the scores of the training rows say little.")
    if folds.reason:
        lines.append(f"No folds were made: {folds.reason}.")
    else:
        some = f" (of {MOST_ROWS:,} of them, drawn at random)" if folds.rows == MOST_ROWS else ""
        lines.append(
            f"Over {COUNT} folds: the model was trained anew, as deep and as smooth, without each fifth of the training rows"
            f"{some} and measured on it. The intervals are of the mean and allow for rows that the folds share."
        )
    if summary["classes"] is None:
        guess = {"absolute_error": "its median", "quantile": "its quantile"}.get(_loss(summary), "its mean")
        lines.append(f"Without any column, the best guess at the target is {guess} over the training rows.")
    else:
        lines.append("Without any column, the best guess is the most frequent class of the training rows.")
    return lines


def _score_rows(summary: Mapping[str, Any], folds: Folds) -> dict[str, Any]:
    scores, of_formula = summary["scores"], (summary["formula"] or {}).get("held_out") or {}
    intervals, columns = summary.get("intervals") or {}, {}
    if scores["held_out"]:
        columns["held out (95 % interval)"] = {
            name: _with_ends(value, intervals.get(name)) for name, value in scores["held_out"].items()
        }
    if folds.scores:
        columns[f"{COUNT} folds (95 % interval)"] = {
            name: _with_ends(value, folds.interval(name)) for name, value in _means(folds.scores).items()
        }
    plain = scores["baseline"] or _means(folds.baseline)
    columns["without any column"] = {name: _cell(value) for name, value in plain.items()}
    columns["training rows"] = {name: _cell(value) for name, value in scores["train"].items()}
    columns["the formula, held out"] = {name: _cell(value) for name, value in of_formula.items()}
    columns = {head: cells for head, cells in columns.items() if cells}
    measured = dict.fromkeys(name for cells in columns.values() for name in cells)
    names = sorted(measured, key=lambda name: [*_NAMES, name].index(name))
    rows = [
        [_NAMES.get(name, name.replace("_", " ")), *(cells.get(name, "") for cells in columns.values())]
        for name in names
    ]
    return {"heads": ["", *columns], "rows": rows}


def _cell(value: float | None) -> str:
    return "undefined" if value is None else number_text(value)


def _with_ends(value: float | None, ends: Sequence[float | None] | None) -> str:
    if ends is None or any(end is None for end in ends):
        return _cell(value)
    low, high = (_cell(end) for end in ends)
    return f"{_cell(value)} ({low} to {high})"


def _of_values(run: Run, rows: np.ndarray, where: str, target: str) -> list[Any]:
    predicted = run.estimator.predict(run.prepared.inputs.iloc[rows])
    truth = run.prepared.target[rows].astype(np.float64)
    near = float(np.corrcoef(predicted, truth)[0, 1]) if np.ptp(predicted) > 0 < np.ptp(truth) else 0.0
    gap = truth - predicted
    half = " to ".join(number_text(float(end), 3) for end in np.quantile(gap, [0.25, 0.75]))
    return [
        picture(
            draw_actual_and_predicted(predicted, truth, target),
            f"Actual beside predicted {target}, {rows_text(len(rows))}; their correlation is {near:.2f}.",
            f"Actual beside predicted {target}, of {where}. On the line they are the same.",
        ),
        picture(
            draw_residuals(predicted, truth, target),
            f"What is left over beside predicted {target}; the middle half of the rows is from {half}.",
            "What is left over. It should show no pattern; bars: the middle half of the rows, group by group.",
        ),
    ]


def _of_classes(run: Run, rows: np.ndarray, where: str, target: str) -> list[Any]:
    shares = run.estimator.predict_proba(run.prepared.inputs.iloc[rows])
    truth, classes = run.prepared.target[rows], run.estimator.classes_
    numbers = [1] if len(classes) == 2 else range(len(classes))
    there = [n for n in numbers if 0 < (truth == classes[n]).sum() < len(truth)]
    order = sorted(there, key=lambda n: -int((truth == classes[n]).sum()))[:_CLASSES]
    found = []
    if order:
        curves = {str(classes[n]): roc_points(shares[:, n], truth == classes[n]) for n in sorted(order)}
        named = ", ".join(curves)
        caption = f"ROC curve of {where}: how many of {named} are found, for how many others taken for it."
        if len(curves) > 1:
            caption = f"ROC curves of {where}, of each class beside all others."
        found.append(picture(draw_roc(curves), f"ROC curves of {named}, {rows_text(len(rows))}.", caption))
    if len(classes) == 2:
        groups, label = calibration(shares[:, 1], truth == classes[1]), f"{target} = {classes[1]}"
    else:
        hits = classes[shares.argmax(1)] == truth
        groups, label = calibration(shares.max(1), hits), "the likeliest class"
    said = ", ".join(f"{group['predicted']:.2f}: {group['observed']:.2f}" for group in groups)
    alt = f"Calibration: predicted probability of {label} and how often it came true: {said}."
    caption = "Calibration: groups of rows by predicted probability, with 95 % intervals. On the line, probabilities come true."
    found.append(picture(draw_calibration(groups, label), alt, caption))
    return found


def _confusion(summary: Mapping[str, Any]) -> dict[str, Any]:
    classes = summary["classes"]
    rows = [
        [f"is {label}", *map(str, counts)]
        for label, counts in zip(classes, summary["confusion"], strict=True)
    ]
    return {"heads": ["", *(f"predicted {label}" for label in classes)], "rows": rows}


def matters_section(run: Run, summary: Mapping[str, Any], folds: Folds) -> dict[str, Any]:
    """The share of each column in the spread of the predictions, and how much it changes with the rows.

    Args:
        run: What came out of the fit.
        summary: Of `summarise`.
        folds: Of `over_folds`.
    """
    shares = summary["importances"]
    most = max([*shares.values(), *(max(part) for part in folds.importances.values()), 1e-9])
    scale, rows = Scale(0.0, most), []
    for name, share in list(shares.items())[:_MOST_ROWS_OF_BARS]:
        part = folds.importances.get(name)
        ends = None if part is None else (min(part), max(part))
        spread = "" if ends is None else " to ".join(f"{100 * end:.1f}" for end in ends)
        rows.append(
            {"name": name, "bar": scale.bar(share, ends), "share": f"{100 * share:.1f} %", "spread": spread}
        )
    others = list(shares.items())[_MOST_ROWS_OF_BARS:]
    lines = [
        "How much of the spread of the predictions is due to each column. It says what the model uses, not what causes the "
        "target: of columns that say the same, one may have the share of all."
    ]
    if folds.importances:
        lines.append(
            f"The thin line is the range over the {COUNT} folds: a share that changes much is not to be built on."
        )
    return {
        "lines": lines,
        "rows": rows,
        "head": "share (over the folds)" if folds.importances else "share",
        "others_title": f"{len(others)} columns that matter less",
        "others": ", ".join(f"{name} {100 * share:.1f} %" for name, share in others),
    }
