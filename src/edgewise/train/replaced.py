"""What training does to the network that formulas replaced."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ..network import Network, keep_replaced, note_training
from .data.data import as_data
from .outputs import predict_in_chunks


def review_replaced(model: Network, data: Any) -> None:
    """Note that a network was trained, and forget the one that its formulas replaced where that measures them no more.

    That is where the model still has splines and has become the better of the two: the next formula is
    measured by the model as it is now. And where what was replaced had not been fitted yet, so that the mean
    of the targets is as good.

    Args:
        model: A network that was just trained.
        data: What it was trained on, as for `fit`.

    Example:
        >>> from edgewise.network import build, set_formula, stand_for
        >>> model = stand_for(set_formula(build([1, 1]), (0, 0, 0), "x"), build([1, 1], base="zero"))
        >>> x = torch.linspace(-1, 1, 50)[:, None]
        >>> review_replaced(model, (x, 1 + x))
        >>> model.replaced is None
        True
    """
    note_training(model)
    replaced = model.replaced
    if replaced is None:
        return
    ready = as_data(data, model)
    has_splines = any(bool((layer.basis.mask != 0).any()) for layer in model.layers)
    x, y = ready.x, ready.y
    if y.ndim != 2 or not y.is_floating_point():
        if has_splines:
            keep_replaced(model, None)
        return
    before = _mean_square(predict_in_chunks(replaced, x.to(replaced.device, replaced.dtype)), y)
    now = _mean_square(predict_in_chunks(model, x), y)
    if (has_splines and now <= before) or before >= _mean_square(y.mean(0, keepdim=True), y):
        keep_replaced(model, None)


def _mean_square(values: Tensor, y: Tensor) -> float:
    found = float((values.to(y) - y).double().square().mean())
    return found if found == found else torch.inf
