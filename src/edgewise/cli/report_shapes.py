"""What the page says of how columns act: curves and bars on one scale, and pairs of columns that act together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..estimators import Shape, interaction, loss_of, shapes, strongest_pairs
from ..plots import SURE, draw_interaction, draw_shape, loudest, number_text, output_names, shape_limits
from .bars import Scale
from .pictures import interaction_in_words, picture, shape_in_words
from .workflow import Run

MOST_COLUMNS = 24
_MOST_LEVELS = 20
_MOST_PAIRS = 4
_NOTEWORTHY = 0.02
"""Interactions that move predictions by less than this share of their spread are not drawn."""


def kinds_of(run: Run) -> dict[str, str]:
    """Which columns of numbers are dates or times.

    Args:
        run: What came out of the fit.
    """
    return {name: kind.kind for name, kind in run.prepared.kinds.items() if kind.kind in ("date", "time")}


def unit_of(run: Run, target: str) -> str:
    """What effects are measured in.

    Args:
        run: What came out of the fit.
        target: Name of the column that is predicted.
    """
    classes: Any = getattr(run.estimator, "classes_", ())
    if not len(classes):
        return target
    return f"log-odds of {target} = {classes[1]}" if len(classes) == 2 else f"log-odds of each {target}"


def how_section(run: Run, target: str) -> dict[str, Any]:
    """Curves and bars of the columns that matter most.

    Args:
        run: What came out of the fit.
        target: Name of the column that is predicted.
    """
    matter = [name for name, share in _shares(run) if share > 0][:MOST_COLUMNS]
    table = run.prepared.inputs.iloc[run.train]
    found = shapes(run.estimator, table, matter, kinds=kinds_of(run)) if matter else []
    if not found:
        return {"lines": ["No column moves the predictions."], "legend": [], "cards": []}
    limits, names = shape_limits(found), output_names(run.estimator)
    left = sum(share > 0 for _, share in _shares(run)) - len(found)
    lines = _introduction(run, found, unit_of(run, target))
    if left:
        lines.append(f"{left} columns that matter less are not drawn.")
    shown = loudest(found[0])
    legend = [names[output] for output in shown] if len(names) > 1 else []
    return {
        "lines": lines,
        "legend": legend,
        "cards": [_card(shape, limits, names, shown, target) for shape in found],
    }


def _introduction(run: Run, found: Sequence[Shape], unit: str) -> list[str]:
    if found[0].exact:
        first = (
            f"Each prediction is a sum of one part a column. What a column adds, in units of {unit}, beside the mean "
            f"prediction:"
        )
    elif loss_of(run.estimator).has_log_link:
        first = (
            f"Parts of the columns multiply: they add up to the logarithm of {unit}. Drawn is the partial dependence: what a "
            f"value of the column adds in units of {unit}, on average over the other columns, beside the mean prediction."
        )
    else:
        first = (
            f"The model has a hidden level, so that columns act together. Drawn is the partial dependence: what a value of "
            f"the column adds in units of {unit}, on average over the other columns, beside the mean prediction."
        )
    band = (
        "The band, and the thin line on a bar, is a 95 % interval, by the curvature of the penalised fit; ends that are cut "
        "off lie further out. "
        if any(shape.deviation is not None for shape in found)
        else ""
    )
    lines = [
        first,
        f"All are on one scale, with a line at zero. {band}The grey ground shows how many rows have such values.",
    ]
    if hasattr(run.estimator, "classes_"):
        lines.append("0.7 in log-odds doubles the odds, −0.7 halves them.")
    return lines


def _shares(run: Run) -> list[tuple[str, float]]:
    names, shares = run.prepared.inputs.columns, run.estimator.feature_importances_
    order = np.argsort(-shares, kind="stable")
    return [(str(names[place]), float(shares[place])) for place in order]


def _card(
    shape: Shape, limits: tuple[float, float], names: Sequence[str], shown: Sequence[int], target: str
) -> dict[str, Any]:
    card: dict[str, Any] = {"name": shape.axis.name, "notes": _notes(shape), "picture": None, "levels": []}
    if shape.axis.kind == "level":
        card["levels"] = _levels(shape, limits, shown)
        hidden = len(shape.axis.values) - len(card["levels"])
        if hidden:
            card["notes"].append(f"{hidden} rarer levels are not shown.")
        return card
    figure = draw_shape(None, shape, limits, names, outputs=shown)
    card["picture"] = picture(figure, shape_in_words(shape, {names[output]: output for output in shown}))
    return card


def _levels(shape: Shape, limits: tuple[float, float], shown: Sequence[int]) -> list[dict[str, Any]]:
    scale = Scale(*limits)
    rows = []
    for place, level in enumerate(shape.axis.values[:_MOST_LEVELS]):
        bars = []
        for number, output in enumerate(shown):
            effect = float(shape.effect[place, output])
            ends = None
            if shape.deviation is not None:
                half = SURE * float(shape.deviation[place, output])
                ends = (effect - half, effect + half)
            bars.append(scale.bar(effect, ends, "" if len(shown) == 1 else f"tone{number + 1}"))
        effects = [signed(float(shape.effect[place, output])) for output in shown]
        rows.append(
            {
                "name": level,
                "bars": bars,
                "effect": " ".join(effects),
                "rows": f"{int(shape.axis.counts[place]):,}",
            }
        )
    return rows


def _notes(shape: Shape) -> list[str]:
    notes = []
    if shape.axis.outside:
        notes.append(f"{rows_text(shape.axis.outside)} lie beyond the ends that are drawn.")
    if shape.gap_effect is not None:
        adds = " ".join(signed(float(effect)) for effect in shape.gap_effect)
        notes.append(f"Missing in {rows_text(shape.axis.gaps)}: adds {adds}.")
    return notes


def signed(value: float) -> str:
    """A number with its sign.

    Args:
        value: Any.

    Example:
        >>> signed(0.25), signed(-3.0), signed(0.0)
        ('+0.25', '−3', '0')
    """
    text = number_text(abs(value), 3)
    return text if value == 0 or not np.isfinite(value) else f"{'+' if value > 0 else '−'}{text}"


def rows_text(count: int) -> str:
    """A number of rows.

    Args:
        count: How many.

    Example:
        >>> rows_text(1), rows_text(1200)
        ('1 row', '1,200 rows')
    """
    return "1 row" if count == 1 else f"{count:,} rows"


def interactions_section(run: Run, target: str) -> dict[str, Any]:
    """Maps of the pairs of columns that act together.

    Args:
        run: What came out of the fit.
        target: Name of the column that is predicted.
    """
    if not run.estimator.search_result_.deep:
        line = "There are none: a sum of one part a column was as good, on rows set aside, as columns that act together."
        if run.estimator.hidden == 0:
            line = "There are none: the model was asked to be a sum of one part a column."
        return {"lines": [line], "pictures": []}
    unit, kinds = unit_of(run, target), kinds_of(run)
    spread = _spread(run)
    pairs = [pair for pair in strongest_pairs(run.estimator, _MOST_PAIRS) if pair[2] > _NOTEWORTHY * spread]
    if not pairs:
        line = (
            "The model may let columns act together, but no two of those that matter most do so to speak of."
        )
        return {"lines": [line], "pictures": []}
    table = run.prepared.inputs.iloc[run.train]
    found = []
    for a, b, strength in pairs:
        numbers = interaction(run.estimator, table, a, b, kinds=kinds)
        figure = draw_interaction(numbers, output_names(run.estimator), unit)
        caption = (
            f"{a} and {b}: beyond what each adds by itself, {number_text(strength, 3)} (standard deviation)."
        )
        found.append(picture(figure, interaction_in_words(numbers), caption))
    lines = [
        f"Pairs of columns that act together most, among those that matter most. A colour says what the two values add "
        f"together, in units of {unit}, beside the mean prediction and on average over the other columns (partial "
        f"dependence). Points are rows of the table: where there are none, the colour is a guess."
    ]
    return {"lines": lines, "pictures": found}


def _spread(run: Run) -> float:
    outputs = run.model(run.samples).detach()
    return float(outputs.std(0, correction=0).max())
