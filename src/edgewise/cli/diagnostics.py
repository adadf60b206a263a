"""What could be wrong with a fit, each with what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ..layers import KANLayer
from ..network import Network, trace
from ..spline import domain
from .workflow import Run

_FEW = 200


@dataclass(frozen=True)
class Finding:
    """One diagnosis.

    Attributes:
        name: What was looked at.
        value: What was seen.
        advice: What to do; empty where all is well.
    """

    name: str
    value: str
    advice: str = ""


def diagnose(run: Run) -> list[Finding]:
    """Look at errors, ranges, knots and conditioning of a fit."""
    model, x = run.model, run.samples
    new = run.estimator.encoder_.transform(run.prepared.inputs.iloc[run.test]) if len(run.test) else None
    return [
        *_errors(run),
        _range(model, x if new is None else torch.from_numpy(new)),
        _dead_knots(model, x),
        _saturation(model, x),
        _condition(model, x),
        _size(run),
    ]


def _errors(run: Run) -> list[Finding]:
    name = "rmse" if "rmse" in run.scores else "log_loss"
    if not run.test_scores:
        return [Finding("held-out error", "none was measured", "Use --test 0.2 to set rows aside.")]
    train, test, base = run.scores[name], run.test_scores[name], run.baseline[name]
    shown = f"{name} {test:.4g} on new rows, {train:.4g} on training rows, {base:.4g} without any input"
    if test >= 0.99 * base:
        return [
            Finding("error", shown, "The columns say little or nothing about the target: look for others.")
        ]
    if test > 1.3 * train and test - train > 0.05 * base:
        advice = "Overfitting: the network knows its training rows better than new ones. Use --hidden 0, or add rows."
        return [Finding("error", shown, advice)]
    if train > 0.7 * base:
        advice = (
            "Much of the target is left unexplained. If a more flexible model does better, use --hidden 8 or more; "
            "if none does, the rest is noise or columns that are not there."
        )
        return [Finding("error", shown, advice)]
    return [Finding("error", shown)]


def _range(model: Network, x: Tensor) -> Finding:
    outside = model.layers[0].basis.out_of_range(model.prepare_inputs(x))
    worst = int(outside.argmax())
    shown = f"at most {100 * float(outside[worst]):.2g} % of rows, in {model.names[worst]}"
    if float(outside[worst]) > 0.02:
        return Finding(
            "rows outside the range of training",
            shown,
            "Curves go on as straight lines there: trust them less.",
        )
    return Finding("rows outside the range of training", shown)


def _dead_knots(model: Network, x: Tensor) -> Finding:
    layer, values = model.layers[0].basis, model.prepare_inputs(x)
    empty = total = 0
    for column in range(layer.in_features):
        inner = layer.knots[column, layer.k : layer.knots.shape[1] - layer.k]
        if len(values[:, column].unique()) <= layer.grid:
            continue  # a column of few values needs few intervals
        counts = torch.histogram(values[:, column].contiguous(), bins=inner.contiguous()).hist
        empty, total = empty + int((counts == 0).sum()), total + len(counts)
    shown = f"{empty} of {total} intervals hold no sample"
    if total and empty > 0.3 * total:
        return Finding("dead knots", shown, "The grid is finer than the data: give fewer intervals.")
    return Finding("dead knots", shown)


def _saturation(model: Network, x: Tensor) -> Finding:
    if model.depth == 1:
        return Finding("hidden nodes outside their grids", "no hidden level")
    seen = trace(model, x, edges=False)
    shares = [
        float(layer.basis.out_of_range(part.inputs).max())
        for layer, part in zip(model.layers[1:], seen.layers[1:], strict=True)
    ]
    shown = f"at most {100 * max(shares):.2g} % of rows"
    if max(shares) > 0.05:
        return Finding(
            "hidden nodes outside their grids",
            shown,
            "Curves are straight there: a finer fit needs update_grid.",
        )
    return Finding("hidden nodes outside their grids", shown)


def _condition(model: Network, x: Tensor) -> Finding:
    layer = model.layers[0].basis
    number = condition_number(layer, model.prepare_inputs(x))
    shown = f"{number:.2g}"
    if number > 1e10:
        advice = (
            "Columns say the same as others, so that curves can trade places: leave some out with --ignore, and "
            "read single curves with care."
        )
        return Finding("condition of the inputs' curves", shown, advice)
    return Finding("condition of the inputs' curves", shown)


def condition_number(layer: KANLayer, h: Tensor) -> float:
    """How nearly the columns' straight-line parts are combinations of each other; 1 where they are independent.

    Args:
        layer: Whose edges in use count.
        h: Its inputs, shape (n, in).

    Example:
        >>> h = torch.eye(4, 2).double()
        >>> condition_number(KANLayer(2, 1, dtype=torch.float64), h) < 10
        True
    """
    low, high = domain(layer.knots, layer.k)
    used = (layer.mask != 0).any(1) & (h.amax(0) > h.amin(0))
    inside = h.clamp(low, high)[:, used]
    if inside.shape[1] < 2:
        return 1.0
    centred = inside - inside.mean(0)
    values = torch.linalg.svdvals(centred / centred.norm(dim=0))
    return float((values[0] / values[-1].clamp_min(1e-30)) ** 2)


def _size(run: Run) -> Finding:
    model: Any = run.model
    numbers = sum(layer.basis.coef.numel() for layer in model.layers)
    rows = len(run.train)
    shown = f"{numbers} coefficients, {rows} training rows"
    if rows < _FEW:
        return Finding(
            "size",
            shown,
            "Few rows: start small, and expect another split to give another error (try --seed 1).",
        )
    return Finding("size", shown)
