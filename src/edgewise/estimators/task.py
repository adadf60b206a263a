"""What is to be predicted, and how far off a prediction is: values, one of two classes or of several, or labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..network import Scaler
from .losses import SQUARED_ERROR, Loss
from .robust import robust_deviation, weighted_quantile

_WILD = 20.0
"""Beyond so many deviations of the noise, all errors of samples left out count alike where losses are robust."""


@dataclass(frozen=True)
class Task:
    """Targets of one kind, with the loss that networks are trained and judged by.

    Networks are trained on targets of mean 0 and deviation 1, or on logits beside the classes' own; `scaler`
    brings their outputs back.

    Attributes:
        kind: "values", "binary" (one logit), "classes" (a logit each) or "labels" (a logit each, of which any may hold).
        scaler: Applied backwards to the network's outputs.
        loss: Of values.
        noise: Deviation of scaled values around what can be predicted, one an output, for robust losses.
    """

    kind: str
    scaler: Scaler
    loss: Loss = SQUARED_ERROR
    noise: Tensor | None = None

    @property
    def outputs(self) -> int:
        """Outputs that the network must have."""
        return len(self.scaler.shift)

    @property
    def is_least_squares(self) -> bool:
        """Whether the loss is the squared error, which linear models minimise in one step."""
        return self.kind == "values" and self.loss.is_squared

    @property
    def has_log_link(self) -> bool:
        """Whether the network's outputs are logarithms of what is predicted."""
        return self.kind == "values" and self.loss.has_log_link

    @property
    def is_robust(self) -> bool:
        """Whether a few wild targets have a bounded say."""
        return self.kind == "values" and self.loss.is_robust

    @property
    def predicts_means(self) -> bool:
        """Whether predictions are means of the targets, so that squared errors judge them."""
        return self.kind == "values" and self.loss.is_of_means

    @property
    def curvature(self) -> float:
        """About how much the loss bends, beside the squared error: what optimisers start from."""
        return self.loss.curvature(self._noise) if self.kind == "values" else 0.25

    @property
    def _noise(self) -> Tensor:
        return torch.ones_like(self.scaler.shift) if self.noise is None else self.noise

    def targets(self, y: Tensor) -> Tensor:
        """What `each` compares with: scaled values (beside a log link in units of their mean), or classes as they are."""
        if self.kind != "values":
            return y
        return y / self.scaler.shift.exp() if self.loss.has_log_link else self.scaler(y)

    def rough_targets(self, y: Tensor) -> Tensor:
        """Numbers of like size whose least squares tell much the same, shape (n, outputs)."""
        if self.kind == "labels":
            return y
        if self.kind != "values":
            shares = F.one_hot(y).double()
            return shares[:, 1:] if self.kind == "binary" else shares
        return self.targets(y).log1p() if self.loss.has_log_link else self.targets(y)

    def each(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Loss of each sample, shape (n,).

        Args:
            outputs: What the network gives before its scaler, shape (n, outputs).
            targets: What `targets` gave.
        """
        if self.kind == "values":
            return self.loss.each(outputs, targets, self._noise).mean(1)
        logits = outputs + self.scaler.shift
        if self.kind == "labels":
            return F.binary_cross_entropy_with_logits(logits, targets, reduction="none").sum(1)
        if self.kind == "binary":
            return F.binary_cross_entropy_with_logits(
                logits[:, 0], targets.to(logits.dtype), reduction="none"
            )
        return F.cross_entropy(logits, targets, reduction="none")

    def judged(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Loss of each sample that was left out, shape (n,); a wild target's is bounded where losses are robust.

        Args:
            outputs: As for `each`.
            targets: As for `each`.
        """
        losses = self.each(outputs, targets)
        if not self.is_robust:
            return losses
        most = outputs + _WILD * self._noise.mean()
        return losses.minimum(self.each(outputs, most))

    def usual(self, predictions: Tensor, y: Tensor) -> Tensor:
        """Which samples can be judged by squared errors, shape (n,): where losses are robust, all but wild ones.

        Args:
            predictions: In the units of the targets.
            y: Targets.
        """
        if not self.is_robust:
            return torch.ones(len(y), dtype=torch.bool)
        return ((predictions - y).abs() <= _WILD * self._noise * self.scaler.scale).all(1)


def values_task(y: Tensor, weights: Tensor, loss: Loss = SQUARED_ERROR) -> Task:
    """Prediction of values.

    Args:
        y: Shape (n, outputs).
        weights: Shape (n,).
        loss: How far off a prediction is.

    Example:
        >>> values_task(torch.tensor([[1.0], [3.0]]), torch.ones(2)).scaler.shift
        tensor([2.])
    """
    if loss.has_log_link:
        mean = (weights / weights.sum()) @ y
        return Task("values", Scaler(mean.log(), torch.ones_like(mean)), loss)
    return Task(
        "values", _robust_scaler(y, weights, loss) if loss.is_robust else weighted_scaler(y, weights), loss
    )


def _robust_scaler(y: Tensor, weights: Tensor, loss: Loss) -> Scaler:
    """The scaler to a quantile of 0 and a spread of about 1, which a few wild values do not move."""
    columns, share = y.T.numpy(), weights.numpy()
    middle = [weighted_quantile(column, share, loss.quantile) for column in columns]
    spread = [robust_deviation(column, share) or 1.0 for column in columns]
    return Scaler(y.new_tensor(middle), y.new_tensor(spread))


def classes_task(y: Tensor, weights: Tensor, classes: int) -> Task:
    """Prediction of a class; outputs start from the logits of the classes' shares.

    Args:
        y: Numbers of classes, shape (n,).
        weights: Shape (n,).
        classes: How many there are, at least 2.

    Example:
        >>> classes_task(torch.tensor([0, 1]), torch.ones(2), 2).outputs
        1
    """
    counts = torch.zeros(classes, dtype=weights.dtype).index_add(0, y, weights)
    logits = ((counts + 1e-3 * counts.sum()) / counts.sum()).log()
    if classes == 2:
        return Task("binary", Scaler(logits[1:] - logits[:1], torch.ones_like(logits[1:])))
    return Task("classes", Scaler(logits, torch.ones_like(logits)))


def labels_task(y: Tensor, weights: Tensor) -> Task:
    """Prediction of labels, of which a sample may have any; outputs start from the logits of their shares.

    Args:
        y: 0 or 1, shape (n, labels), floating.
        weights: Shape (n,).

    Example:
        >>> labels_task(torch.tensor([[0.0, 1.0], [1.0, 1.0]]), torch.ones(2)).outputs
        2
    """
    shares = (weights @ y) / weights.sum()
    logits = (shares + 1e-3).log() - (1 - shares + 1e-3).log()
    return Task("labels", Scaler(logits, torch.ones_like(logits)))


def weighted_scaler(data: Tensor, weights: Tensor) -> Scaler:
    """The scaler to weighted mean 0 and deviation 1; a column without spread is only shifted.

    Example:
        >>> weighted_scaler(torch.tensor([[0.0], [4.0]]), torch.tensor([3.0, 1.0])).shift
        tensor([1.])
    """
    share = (weights / weights.sum())[:, None]
    mean = (share * data).sum(0)
    deviation = (share * (data - mean).square()).sum(0).sqrt()
    spread = deviation > 1e-12 * data.abs().amax(0).clamp_min(1e-300)
    return Scaler(mean, torch.where(spread, deviation, torch.ones_like(deviation)))


def probabilities(logits: Tensor) -> np.ndarray:
    """Probabilities from logits, one for two classes or one a class, shape (n, classes).

    Args:
        logits: What a network gives, shape (n, 1) or (n, classes).

    Example:
        >>> probabilities(torch.zeros(1, 1)).tolist()
        [[0.5, 0.5]]
    """
    if logits.shape[1] == 1:
        logits = torch.cat([torch.zeros_like(logits), logits], dim=1)
    return logits.softmax(1).numpy()
