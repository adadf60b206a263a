"""Losses by name or callable, and how each is to be reported.

A mean square is reported as its root (RMSE); every other loss as itself, under its own name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import torch
import torch.nn.functional as F
from torch import Tensor

from ...errors import InputError, unknown_name

_SMALL, _LARGE = 1e-9, 1e9
"""Targets between these are measured as they are."""

LossFunction = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Loss:
    """A loss with what the trainer must know of it.

    Args:
        name: Key of the raw loss in `FitResult.history`.
        mean: From predictions and targets to the scalar to be minimised.
        each: The same before the mean, (N, ...) or (N,); None where only the mean is known.
        mean_square: Whether it is a mean of squares, hence reported as its root.
        targets: "values" (shaped as the predictions), "classes" (integer labels), "probabilities"
            (values in [0, 1]) or "any".
        power: Which power of the targets' unit it is measured in; 0 where that is not known.
    """

    name: str
    mean: LossFunction
    each: LossFunction | None = None
    mean_square: bool = False
    targets: str = "any"
    power: int = 0

    def report(self, value: float) -> float:
        """Return the value as users read it: the root of a mean square, any other loss as it is.

        Example:
            >>> as_loss("mse").report(4.0), as_loss("mae").report(4.0)
            (2.0, 4.0)
        """
        return value**0.5 if self.mean_square else value

    @torch.no_grad()
    def measure(self, prediction: Tensor, target: Tensor, weights: Tensor | None = None) -> float:
        """The mean loss as a number, of values so small or large that their squares would leave the type, too.

        Example:
            >>> tiny = torch.tensor([1e-30])
            >>> float(LOSSES["mse"](0 * tiny, tiny)), LOSSES["mse"].measure(0 * tiny, tiny) ** 0.5 > 9e-31
            (0.0, True)
        """
        size = float(target.abs().max()) if self.power and target.is_floating_point() and len(target) else 1.0
        if _SMALL <= size <= _LARGE or not 0 < size < float("inf"):
            return float(self(prediction, target, weights))
        return float(self(prediction / size, target / size, weights)) * size**self.power

    def __call__(self, prediction: Tensor, target: Tensor, weights: Tensor | None = None) -> Tensor:
        """Return the mean loss, weighted by sample if weights (N,) are given."""
        if weights is None:
            return self.mean(prediction, target)
        if self.each is None:
            raise InputError(
                f"fit: loss must be one of the named losses when the data has weights; got {self.name}. "
                f"Weigh the samples inside the callable instead."
            )
        each = self.each(prediction, target)
        sample = each.flatten(1).mean(1) if each.ndim > 1 else each
        return (sample * weights).sum() / weights.sum()


def _log_cosh(difference: Tensor) -> Tensor:
    size = difference.abs()
    # Two forms of one function: the first loses the digits of small errors, the second overflows for large ones.
    large = size + F.softplus(-2 * size) - 0.6931471805599453
    return torch.where(size > 1, large, torch.log1p(2 * torch.sinh(size.clamp(max=1) / 2).square()))


def _named(
    name: str, function: Callable[..., Tensor], targets: str, mean_square: bool = False, power: int = 0
) -> Loss:
    def each(prediction: Tensor, target: Tensor) -> Tensor:
        return function(prediction, target, reduction="none")

    return Loss(name, function, each, mean_square, targets, power)


LOSSES: Mapping[str, Loss] = MappingProxyType(
    {
        "mse": _named("mse", F.mse_loss, "values", mean_square=True, power=2),
        "mae": _named("mae", F.l1_loss, "values", power=1),
        "huber": _named("huber", F.huber_loss, "values"),
        "log_cosh": Loss(
            "log_cosh",
            lambda prediction, target: _log_cosh(prediction - target).mean(),
            lambda prediction, target: _log_cosh(prediction - target),
            targets="values",
        ),
        "cross_entropy": _named("cross_entropy", F.cross_entropy, "classes"),
        "bce": _named("bce", F.binary_cross_entropy_with_logits, "probabilities"),
    }
)


def as_loss(loss: str | LossFunction | Loss) -> Loss:
    """Turn a name or a callable into a `Loss`.

    Args:
        loss: One of "mse", "mae", "huber", "log_cosh", "cross_entropy" (predictions are logits, targets
            integer classes or probabilities), "bce" (predictions are logits), or a callable from
            predictions and targets to a scalar tensor.

    Returns:
        The loss; `torch.nn.MSELoss()` and `torch.nn.functional.mse_loss` are known as mean squares.

    Raises:
        UnknownName: no loss has this name.
        InputError: neither a name nor a callable.

    Example:
        >>> as_loss("cross_entropy").mean_square
        False
    """
    if isinstance(loss, Loss):
        return loss
    if isinstance(loss, str):
        if loss.lower() not in LOSSES:
            raise unknown_name("fit", "loss", loss, LOSSES)
        return LOSSES[loss.lower()]
    if not callable(loss):
        raise InputError(
            f"fit: loss must be a name or a callable(prediction, target); got {type(loss).__name__}. "
            f"Pass one of {', '.join(LOSSES)}."
        )
    return _known_module(loss) or Loss(_name_of(loss), loss)


def _known_module(loss: object) -> Loss | None:
    plain_mean = getattr(loss, "reduction", "mean") == "mean"
    if loss is F.mse_loss or (isinstance(loss, torch.nn.MSELoss) and plain_mean):
        return LOSSES["mse"]
    if loss is F.cross_entropy:
        return LOSSES["cross_entropy"]
    if isinstance(loss, torch.nn.CrossEntropyLoss):
        return Loss("cross_entropy", loss, targets="classes")
    return None


def _name_of(loss: object) -> str:
    name = getattr(loss, "__name__", type(loss).__name__)
    return "loss" if name == "<lambda>" else str(name)
