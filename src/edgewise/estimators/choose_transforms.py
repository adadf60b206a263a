"""How columns with far-off values or long tails are read: decided on training rows, before the fit.

Only columns with values more than eight spreads from their middle are looked at (`robust.py`). Each can stay as it is,
be cut at its far-off values, or become a logarithm (asinh where it is not positive). A column stays as it is, or is cut
where its far-off values are few and isolated, unless another way predicts rows left out better by more than chance, by a
smooth curve of it beside those of the other columns.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from .columns import AS_IT_IS, ColumnTransform, NumericRule
from .robust import far_off, middle_and_spread
from .rough_fit import RoughFit, rows_to_look_at
from .samples import Samples
from .task import Task

_FEW = 0.01
_ISOLATED = 2.0
_PASSES = 2
_LEAST = 20


def choose_transforms(
    samples: Samples, task: Task, rules: Mapping[int, NumericRule], seed: int
) -> dict[int, ColumnTransform]:
    """Choose how columns are read.

    Args:
        samples: Encoded columns as they are.
        task: What is to be predicted.
        rules: Of the encoded columns that hold numbers of the table, by their number.
        seed: Of the rows that are looked at where they are many, and their folds.

    Returns:
        By number of the encoded column, for those that do not stay as they are.

    Example:
        >>> import torch
        >>> from .task import values_task
        >>> x = torch.linspace(-3, 3, 200).double()[:, None]
        >>> x[7] = 1e9
        >>> samples = Samples(x, x.sin(), torch.ones(200).double())
        >>> task = values_task(samples.y, samples.weights)
        >>> choose_transforms(samples, task, {0: NumericRule("x", 0.0, False)}, seed=0)[0].name("x")
        'clip(x, -3, 3)'
    """
    columns, weights = samples.x.T.numpy(), samples.weights.numpy()
    heavy = [
        place
        for place, rule in rules.items()
        if rule.kind != "ordered" and far_off(columns[place], weights).any()
    ]
    if not heavy or len(samples) < _LEAST:
        return {}
    chosen = {place: _usual(columns[place], weights) for place in heavy}
    choices = {place: _choices(columns[place], weights, rules[place].kind) for place in heavy}
    some = rows_to_look_at(samples, seed)
    columns = some.x.T.numpy()
    read = [chosen[place](column) if place in chosen else column for place, column in enumerate(columns)]
    fit = RoughFit(read, task.rough_targets(some.y).numpy(), some.weights.numpy(), task.is_robust)
    for _ in range(_PASSES):
        for place in heavy:
            others = [one for one in choices[place] if one != chosen[place]]
            taken = fit.refit(place, [one(columns[place]) for one in others])
            chosen[place] = others[taken - 1] if taken else chosen[place]
    return {place: one for place, one in chosen.items() if one != AS_IT_IS}


def _usual(values: np.ndarray, weights: np.ndarray) -> ColumnTransform:
    """How a column is read unless another way is better: cut where far-off values are few and isolated."""
    far = far_off(values, weights)
    middle, _ = middle_and_spread(values, weights)
    away = np.abs(values - middle)
    few = weights[far].sum() <= max(_FEW * weights.sum(), 2 * weights.max())
    return _cut(values, far) if few and away[far].min() > _ISOLATED * away[~far].max() else AS_IT_IS


def _cut(values: np.ndarray, far: np.ndarray) -> ColumnTransform:
    """Cut at the ends of the near values, on both sides: where wild ones came from, others come on either side."""
    near = values[~far]
    return ColumnTransform(
        low=_outward(near.min(), near, down=True), high=_outward(near.max(), near, down=False)
    )


def _outward(end: float, near: np.ndarray, *, down: bool) -> float:
    """A number of few digits just beyond an end, so that names can show it as it is."""
    width = float(near.max() - near.min()) or abs(end) or 1.0
    return _to_step(end, 10.0 ** (math.floor(math.log10(width)) - 1), down=down)


def _to_step(value: float, step: float, *, down: bool) -> float:
    found = (math.floor if down else math.ceil)(value / step) * step
    return float(f"{found:.12g}")


def _three_digits(value: float, *, down: bool) -> float:
    return _to_step(value, 10.0 ** (math.floor(math.log10(value)) - 2), down=down)


def _choices(values: np.ndarray, weights: np.ndarray, kind: str) -> list[ColumnTransform]:
    found = [AS_IT_IS, _cut(values, far_off(values, weights))]
    if kind == "date":
        return found
    if values.min() > 0:
        far = far_off(np.log(values), weights)
        near = values[~far]
        high = _three_digits(float(near.max()), down=False) if values.max() > near.max() else math.inf
        found.append(ColumnTransform("log", low=_three_digits(float(near.min()), down=True), high=high))
    else:
        middle, spread = middle_and_spread(values, weights)
        centre = 0.0 if values.min() >= 0 or abs(middle) < spread else float(f"{middle:.2g}")
        width = float(f"{spread:.1g}")
        bent = ColumnTransform("asinh", centre=centre, width=width)(values)
        far = far_off(bent, weights)
        ends = _cut(values, far) if far.any() else AS_IT_IS
        found.append(ColumnTransform("asinh", ends.low, ends.high, centre, width))
    return found
