"""What is to be predicted, and how far off a prediction is: values, one of two classes, or one of several."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..network import Scaler


@dataclass(frozen=True)
class Task:
    """Targets of one kind, with the loss that networks are trained and judged by.

    Networks are trained on targets of mean 0 and deviation 1, or on logits beside the classes' own; `scaler`
    brings their outputs back.

    Attributes:
        kind: "values", "binary" (one logit) or "classes" (a logit each).
        scaler: Applied backwards to the network's outputs.
    """

    kind: str
    scaler: Scaler

    @property
    def outputs(self) -> int:
        """Outputs that the network must have."""
        return len(self.scaler.shift)

    def targets(self, y: Tensor) -> Tensor:
        """What `each` compares with: scaled values, or classes as they are."""
        return self.scaler(y) if self.kind == "values" else y

    def each(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Loss of each sample, shape (n,).

        Args:
            outputs: What the network gives before its scaler, shape (n, outputs).
            targets: What `targets` gave.
        """
        if self.kind == "values":
            return (outputs - targets).square().mean(1)
        logits = outputs + self.scaler.shift
        if self.kind == "binary":
            return F.binary_cross_entropy_with_logits(
                logits[:, 0], targets.to(logits.dtype), reduction="none"
            )
        return F.cross_entropy(logits, targets, reduction="none")


def values_task(y: Tensor, weights: Tensor) -> Task:
    """Prediction of values.

    Args:
        y: Shape (n, outputs).
        weights: Shape (n,).

    Example:
        >>> values_task(torch.tensor([[1.0], [3.0]]), torch.ones(2)).scaler.shift
        tensor([2.])
    """
    return Task("values", weighted_scaler(y, weights))


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
