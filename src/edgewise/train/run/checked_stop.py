"""Why a run ended, once its loss is known: nothing is called converged that predicts no better than one constant."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ...events import Stop, StopReason
from ...network import Network
from ..data.data import Data
from ..objective.loss import Loss
from ..outputs import predict_in_chunks

_AT_REST = frozenset(
    {
        StopReason.CONVERGED,
        StopReason.NO_DESCENT,
        StopReason.STALLED,
        StopReason.PLATEAU,
        StopReason.GRIDS,
        StopReason.NO_BETTER_GRID,
    }
)
"""Reasons that say that there is nothing more to be had."""

_NO_BETTER = 0.98
"""Share of the loss of a constant from which on a model counts as no better: an R2 below 0.02."""

_COARSE = 1e-5
"""Last digits in deviations of a column, from which on it is looked whether they limit the loss. For float32 that is
an offset of a hundred deviations."""

_LEAST_SHARE = 0.1
"""A loss below this share of what the last digits make does not come from them: the data are exact."""

_ROWS = 65536


@torch.no_grad()
def checked_stop(stop: Stop, model: nn.Module, data: Data, loss: Loss, value: float) -> Stop:
    """The reason as it is, or a more telling one.

    Args:
        stop: Why the run ended.
        model: As it was left.
        data: What it was trained on.
        loss: By which loss.
        value: Its loss on the training samples.

    Example:
        >>> from edgewise.train.objective.loss import LOSSES
        >>> x = torch.tensor([[-1.0], [1.0]])
        >>> flat = nn.Linear(1, 1)
        >>> _ = nn.init.zeros_(flat.weight), nn.init.zeros_(flat.bias)
        >>> checked_stop(Stop(StopReason.CONVERGED), flat, Data(x, x), LOSSES["mse"], 1.0).reason.value
        'no better than the mean'
    """
    if stop.reason in _AT_REST or stop.reason is StopReason.STEPS:
        digits = _limiting_digits(model, data, loss, value)
        if digits:
            return Stop(StopReason.RESOLUTION, digits)
    if stop.reason in _AT_REST and value >= _NO_BETTER * _loss_of_a_constant(data, loss):
        constant = _constant_columns(data.x, model)
        said = f"input columns {constant} have one value in {_name(data.x)}" if constant else str(stop.reason)
        return Stop(StopReason.NO_BETTER_THAN_MEAN, said)
    return stop


def _loss_of_a_constant(data: Data, loss: Loss) -> float:
    """The lowest loss of predictions that are alike for all samples; infinite where it is not known, or zero."""
    y, weights = data.y, data.weights
    shares = torch.ones(len(y), dtype=torch.float64) if weights is None else weights.double().cpu()
    shares = (shares / shares.sum()).to(y.device)
    if loss.targets == "values" and y.ndim == 2:
        constant = (shares @ y.double()).to(y.dtype).expand_as(y)
        if loss.power == 1:
            constant = y.quantile(0.5, dim=0).expand_as(y) if len(y) <= _ROWS else constant
    elif loss.targets == "classes" and y.ndim == 1:
        found = torch.zeros(int(y.max()) + 1, dtype=torch.float64, device=y.device)
        logits = found.index_add_(0, y, shares).log().clamp_min(-1e4)
        constant = logits.to(torch.get_default_dtype()).expand(len(y), -1)
    elif loss.targets == "probabilities" and y.ndim == 2:
        constant = torch.logit(shares @ y.double(), 1e-12).to(y.dtype).expand_as(y)
    else:
        return float("inf")
    level = loss.measure(constant, y, weights)
    varies = bool((y != y[:1]).any())
    return level if varies and level > 0 else float("inf")


def _limiting_digits(model: nn.Module, data: Data, loss: Loss, value: float) -> str:
    """Whether the last digits of inputs or targets explain a root mean square; what to say, or nothing."""
    x, y = data.x[:_ROWS], data.y[:_ROWS]
    if not loss.mean_square or x.ndim != 2 or y.ndim != 2:
        return ""
    left = value**0.5
    # A model's outputs have no more digits than the targets: the loss cannot be below theirs.
    if _is_coarse(y) and left <= float(_last_digit(y).double().square().mean().sqrt()):
        return f"targets in {_name(y)}: their last digit is {float(_last_digit(y).max()):.2g}"
    if not _is_coarse(x):
        return ""
    moved = predict_in_chunks(model, x + _last_digit(x)) - predict_in_chunks(model, x)
    digit = float(moved.double().square().mean().sqrt())
    if _LEAST_SHARE * digit <= left <= digit:
        return f"inputs in {_name(x)}: their last digit is {float(_last_digit(x).max()):.2g}"
    return ""


def _last_digit(values: Tensor) -> Tensor:
    """What the last digit of each number stands for."""
    size = values.abs()
    return torch.nextafter(size, torch.full_like(size, float("inf"))) - size


def _is_coarse(values: Tensor) -> bool:
    if values.dtype not in (torch.float32, torch.float64) or len(values) < 2:
        return False
    varies = values.amax(0) > values.amin(0)
    digits, spread = _last_digit(values).double().amax(0), values.double().std(0, correction=0)
    return bool((varies & (digits > _COARSE * spread)).any())


def _constant_columns(x: Tensor, model: nn.Module) -> list[int]:
    if x.ndim != 2 or not x.is_floating_point():
        return []
    read = model.columns.tolist() if isinstance(model, Network) else range(x.shape[1])
    return [column for column in read if bool((x[:, column] == x[0, column]).all())]


def _name(values: Tensor) -> str:
    return str(values.dtype).removeprefix("torch.")
