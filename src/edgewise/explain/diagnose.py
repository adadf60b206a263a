"""`diagnose`: what could be wrong with a trained network, each finding with what to do about it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ..layers import KANLayer, LinearEdgeLayer
from ..network import Network, trace
from ..train import as_data, predict_in_chunks

_FEW = 200


@dataclass(frozen=True)
class Finding:
    """One diagnosis.

    Attributes:
        name: What was looked at.
        value: What was seen.
        advice: What to do; empty where all is well.
        cause: What is wrong, in a word or two that programs can compare; empty where all is well.
    """

    name: str
    value: str
    advice: str = ""
    cause: str = ""


@dataclass(frozen=True)
class Errors:
    """How far off the predictions are.

    Attributes:
        name: Of the error, such as "rmse"; less is better.
        train: On the training samples.
        test: On samples that were not trained on; None where there are none.
        baseline: Of the best prediction that looks at no input, on the same samples as `test`.
    """

    name: str
    train: float
    test: float | None = None
    baseline: float | None = None


def diagnose(model: Network, data: Any) -> list[Finding]:
    """Look at errors, ranges, grids and conditioning of a network that predicts values.

    Args:
        model: Left as it is.
        data: As for `fit`: what it was trained on, and the test samples where there are any.

    Returns:
        One `Finding` for each thing looked at; those with an `advice` ask for something to be done.

    Raises:
        InputError: values that are no finite numbers, or no samples.
        ShapeError: shapes that do not go together or with the model.

    Cost: two forward passes, and a singular value decomposition of the inputs.

    Example:
        >>> from edgewise.network import build
        >>> x = torch.linspace(-1, 1, 50)[:, None]
        >>> [found.cause for found in diagnose(build([1, 1]), (x, x**2)) if found.advice]
        ['no test samples', 'few samples']
    """
    ready = as_data(data, model, whole=True, where="diagnose")
    rmse = _rmse(predict_in_chunks(model, ready.x) - ready.y)
    errors = Errors("rmse", rmse)
    if ready.test_x is not None:
        test = _rmse(predict_in_chunks(model, ready.test_x) - ready.test_y)
        errors = Errors("rmse", rmse, test, _rmse(ready.test_y - ready.y.mean(0)))
    return [diagnose_errors(errors), *diagnose_network(model, ready.x, ready.test_x)]


def _rmse(gap: Tensor) -> float:
    return float(gap.double().square().mean().sqrt())


def diagnose_errors(errors: Errors) -> Finding:
    """Compare the errors on training samples, on others, and of a prediction that looks at no input.

    Args:
        errors: What was measured.

    Example:
        >>> diagnose_errors(Errors("rmse", train=0.1, test=0.5, baseline=1.0)).cause
        'overfitting'
    """
    if errors.test is None or errors.baseline is None:
        advice = "Set samples aside for a test: an error on training samples says little."
        return Finding("held-out error", "none was measured", advice, "no test samples")
    train, test, base = errors.train, errors.test, errors.baseline
    shown = (
        f"{errors.name} {test:.4g} on new rows, {train:.4g} on training rows, {base:.4g} without any input"
    )
    if test >= 0.99 * base:
        advice = "The columns say little or nothing about the target: look for others."
        return Finding("error", shown, advice, "no signal")
    if test - train > 0.05 * base and (test > 1.3 * train or base - test < 0.5 * (base - train)):
        advice = (
            "Overfitting: the network knows its training rows better than new ones. Use fewer hidden nodes, or add "
            "rows."
        )
        return Finding("error", shown, advice, "overfitting")
    if train > 0.7 * base:
        advice = (
            "Much of the target is left unexplained. If a more flexible model does better, use more hidden nodes; if "
            "none does, the rest is noise or columns that are not there."
        )
        return Finding("error", shown, advice, "underfitting")
    return Finding("error", shown)


def diagnose_network(
    model: Network, x: Tensor, new: Tensor | None = None, *, rows: int | None = None
) -> list[Finding]:
    """Look at ranges, grids, conditioning and size.

    Args:
        model: Left as it is.
        x: Training samples, or some of them, shape (n, n_columns).
        new: Samples that were not trained on.
        rows: Number of training samples, where `x` are only some of them.

    Example:
        >>> from edgewise.network import build
        >>> x = torch.linspace(-1, 1, 300)[:, None]
        >>> [found.name for found in diagnose_network(build([1, 1]), x, new=x + 0.5) if found.advice]
        ['rows outside the range of training']
    """
    return [
        _range(model, x if new is None else new),
        _dead_knots(model, x),
        _saturation(model, x),
        _condition(model, x),
        _size(model, len(x) if rows is None else rows),
    ]


def _range(model: Network, x: Tensor) -> Finding:
    name = "rows outside the range of training"
    outside = model.layers[0].basis.out_of_range(model.prepare_inputs(x))
    worst = int(outside.argmax())
    shown = f"at most {100 * float(outside[worst]):.2g} % of rows, in {model.names[worst]}"
    if float(outside[worst]) <= 0.02:
        return Finding(name, shown)
    return Finding(name, shown, "Curves are extrapolated there: trust them less.", "extrapolation")


def _dead_knots(model: Network, x: Tensor) -> Finding:
    layer, values = model.layers[0].basis, model.prepare_inputs(x)
    if not isinstance(layer, KANLayer):
        return Finding("dead knots", "the edges have no knots")
    empty = total = 0
    for column in range(layer.in_features):
        inner = layer.knots[column, layer.k : layer.knots.shape[1] - layer.k]
        if len(values[:, column].unique()) <= layer.grid:
            continue  # a column of few values needs few intervals
        edges = inner.detach().to("cpu", torch.float64)
        counts = torch.histogram(values[:, column].to(edges).contiguous(), bins=edges.contiguous()).hist
        empty, total = empty + int((counts == 0).sum()), total + len(counts)
    shown = f"{empty} of {total} intervals hold no sample"
    if not total or empty <= 0.3 * total:
        return Finding("dead knots", shown)
    return Finding(
        "dead knots", shown, "The grid is finer than the data: give fewer intervals.", "dead knots"
    )


def _saturation(model: Network, x: Tensor) -> Finding:
    name = "hidden nodes outside their grids"
    if model.depth == 1:
        return Finding(name, "no hidden level")
    seen = trace(model, x, edges=False)
    share = max(
        float(layer.basis.out_of_range(part.inputs).max())
        for layer, part in zip(model.layers[1:], seen.layers[1:], strict=True)
    )
    shown = f"at most {100 * share:.2g} % of rows"
    if share <= 0.05:
        return Finding(name, shown)
    return Finding(name, shown, "Curves are extrapolated there: a finer fit needs update_grid.", "saturation")


def _condition(model: Network, x: Tensor) -> Finding:
    name = "condition of the inputs' curves"
    number = condition_number(model.layers[0].basis, model.prepare_inputs(x))
    if number <= 1e10:
        return Finding(name, f"{number:.2g}")
    advice = (
        "Columns say the same as others, so that curves can trade places: leave some out, and read single curves "
        "with care."
    )
    return Finding(name, f"{number:.2g}", advice, "collinearity")


def condition_number(layer: LinearEdgeLayer, h: Tensor) -> float:
    """How nearly the columns' straight-line parts are combinations of each other; 1 where they are independent.

    Of columns that say which level a row has, one in each row, the last is left out: that they sum to one is how levels
    are written, and nothing to mend.

    Args:
        layer: Whose edges in use count.
        h: Its inputs, shape (n, in).

    Example:
        >>> h = torch.eye(4, 2).double()
        >>> condition_number(KANLayer(2, 1, dtype=torch.float64), h) < 10
        True
    """
    low, high = layer.interval()
    used = (layer.mask != 0).any(1) & (h.amax(0) > h.amin(0))
    used[[column for column in _last_of_levels(h) if bool(used[column])]] = False
    inside = h.clamp(low, high)[:, used]
    if inside.shape[1] < 2:
        return 1.0
    centred = inside - inside.mean(0)
    values = torch.linalg.svdvals(centred / centred.norm(dim=0))
    number = float((values[0] / values[-1].clamp_min(1e-30)) ** 2)
    return number if math.isfinite(number) else math.inf


def _last_of_levels(h: Tensor) -> list[int]:
    """The last column of each run of columns of two values of which, in each row, exactly one is at its higher value."""
    found, run = [], torch.zeros(len(h), dtype=torch.long)
    low, high = h.amin(0), h.amax(0)
    for column in range(h.shape[1]):
        up = h[:, column] == high[column]
        if not bool((up | (h[:, column] == low[column])).all()) or low[column] == high[column]:
            run = torch.zeros_like(run)
            continue
        run = up.long() if bool((run + up > 1).any()) else run + up
        if bool((run == 1).all()):
            found.append(column)
            run = torch.zeros_like(run)
    return found


def _size(model: Network, rows: int) -> Finding:
    numbers = sum(layer.basis.coef.numel() for layer in model.layers)
    shown = f"{numbers} coefficients, {rows} training rows"
    if rows >= _FEW:
        return Finding("size", shown)
    advice = "Few rows: start small, and expect another split to give another error."
    return Finding("size", shown, advice, "few samples")
