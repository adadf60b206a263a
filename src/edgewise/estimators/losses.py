"""Losses of predicted values: what is predicted (mean, median, quantile), and by which link."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..errors import InputError
from .robust import weighted_quantile

LOSSES = ("squared_error", "absolute_error", "huber", "quantile", "poisson", "gamma")
"""What `KANRegressor` can minimise, named as in scikit-learn."""

_SCORES = {
    "squared_error": "rmse",
    "absolute_error": "mae",
    "huber": "mae",
    "quantile": "pinball_loss",
    "poisson": "poisson_deviance",
    "gamma": "gamma_deviance",
}
_LOG_LINK = ("poisson", "gamma")
_HUBER = 1.345
"""Errors beyond so many deviations of the noise count by their size; 95 % as efficient as squares for normal noise.

Source: Huber 1981, "Robust Statistics", section 4.
"""

_ROUNDED = 0.05
"""The corners of absolute and quantile losses are rounded over so many deviations of the noise."""


@dataclass(frozen=True)
class Loss:
    """A loss by name.

    Attributes:
        name: One of `LOSSES`.
        quantile: Level of the quantile that is predicted; 0.5 for absolute errors.
    """

    name: str = "squared_error"
    quantile: float = 0.5

    @property
    def is_squared(self) -> bool:
        """Whether it is the squared error, which is minimised in one step."""
        return self.name == "squared_error"

    @property
    def has_log_link(self) -> bool:
        """Whether the logarithm of the prediction is what curves add up to."""
        return self.name in _LOG_LINK

    @property
    def is_of_means(self) -> bool:
        """Whether it is the mean that is predicted, so that squared errors judge it too."""
        return self.name in ("squared_error", "huber", *_LOG_LINK)

    @property
    def is_robust(self) -> bool:
        """Whether a few wild targets have a bounded say."""
        return self.name in ("absolute_error", "huber", "quantile")

    @property
    def score(self) -> str:
        """Name of the score that judges it, as `score_values` gives it; less is better."""
        return _SCORES[self.name]

    def constant(self, y: np.ndarray, weights: np.ndarray | None = None) -> float:
        """The best prediction that looks at no input.

        Args:
            y: Targets, shape (n,).
            weights: Of the rows; None for equal ones.
        """
        if self.is_robust:
            return weighted_quantile(y, np.ones(len(y)) if weights is None else weights, self.quantile)
        return float(np.average(y, weights=weights))

    def each(self, outputs: Tensor, targets: Tensor, noise: Tensor) -> Tensor:
        """Loss of each entry.

        Args:
            outputs: Predictions in units of the targets; their logarithms where there is a log link.
            targets: Of the same shape; divided by their mean where there is a log link.
            noise: Deviation of the targets around what can be predicted, one number a column.
        """
        return _EACH[self.name](self, outputs, targets, noise)

    def curvature(self, noise: Tensor) -> float:
        """About how much it bends, beside the squared error.

        Args:
            noise: As for `each`.
        """
        if self.name in ("absolute_error", "quantile"):
            return 0.4 / float(noise.mean())
        return 0.5 if self.has_log_link else 1.0


SQUARED_ERROR = Loss()


def _squared(loss: Loss, outputs: Tensor, targets: Tensor, noise: Tensor) -> Tensor:
    return (outputs - targets).square()


def _huber(loss: Loss, outputs: Tensor, targets: Tensor, noise: Tensor) -> Tensor:
    size, bound = (outputs - targets).abs(), _HUBER * noise
    return torch.where(size <= bound, size.square(), bound * (2 * size - bound))


def _pinball(loss: Loss, outputs: Tensor, targets: Tensor, noise: Tensor) -> Tensor:
    gap, corner = targets - outputs, _ROUNDED * noise
    size = gap.abs()
    rounded = torch.where(size <= corner, size.square() / (2 * corner), size - corner / 2)
    return torch.where(gap > 0, loss.quantile, 1 - loss.quantile) * rounded


def _poisson(loss: Loss, outputs: Tensor, targets: Tensor, noise: Tensor) -> Tensor:
    return outputs.exp() - targets * outputs


def _gamma(loss: Loss, outputs: Tensor, targets: Tensor, noise: Tensor) -> Tensor:
    return outputs + targets * (-outputs).exp()


_EACH: dict[str, Callable[[Loss, Tensor, Tensor, Tensor], Tensor]] = {
    "squared_error": _squared,
    "absolute_error": _pinball,
    "huber": _huber,
    "quantile": _pinball,
    "poisson": _poisson,
    "gamma": _gamma,
}


def checked_loss(name: object, quantile: object, y: np.ndarray | None = None) -> Loss:
    """The loss of these parameters, which must be able to judge the targets.

    Args:
        name: One of `LOSSES`.
        quantile: A level between 0 and 1 where the loss is "quantile", else None.
        y: Targets, shape (n, outputs).

    Raises:
        InputError: there is no such loss, or it has no sense for such targets.

    Example:
        >>> checked_loss("quantile", 0.9)
        Loss(name='quantile', quantile=0.9)
    """
    if name not in LOSSES:
        raise InputError(
            f"fit: loss must be one of {', '.join(LOSSES)}; got {name!r}. The default is squared_error."
        )
    if name != "quantile":
        if quantile is not None:
            raise InputError(
                f'fit: quantile must be None unless loss is "quantile"; got {quantile!r} with loss {name!r}. '
                f"Leave it out."
            )
        level = 0.5
    elif isinstance(quantile, (int, float)) and not isinstance(quantile, bool) and 0 < quantile < 1:
        level = float(quantile)
    else:
        raise InputError(
            f'fit: quantile must be above 0 and below 1 where loss is "quantile"; got {quantile!r}. '
            f"Give 0.9 for what nine of ten targets are below."
        )
    if y is not None:
        _check_targets(str(name), y)
    return Loss(str(name), level)


def _check_targets(name: str, y: np.ndarray) -> None:
    least = float(y.min())
    if name == "gamma" and least <= 0:
        raise InputError(
            f'fit: y must be positive where loss is "gamma"; got {least:.6g}. Use "poisson", which allows zeros, or '
            f'"squared_error".'
        )
    if name == "poisson" and (least < 0 or float(y.sum(0).min()) <= 0):
        got = f"{least:.6g}" if least < 0 else "zeros only"
        raise InputError(
            f'fit: y must be at least 0, and somewhere more, where loss is "poisson"; got {got}. Use "squared_error".'
        )


def loss_of(estimator: object) -> Loss:
    """The loss of an estimator of values: its own, or the squared error where it has none by these names.

    Args:
        estimator: Of any package.

    Example:
        >>> loss_of(object()).score
        'rmse'
    """
    name, quantile = getattr(estimator, "loss", None), getattr(estimator, "quantile", None)
    if name not in LOSSES or (name == "quantile") != (quantile is not None):
        return SQUARED_ERROR
    return checked_loss(name, quantile)
