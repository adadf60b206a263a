"""Columns in the order in which they help: a sum of curves, built up a small step of one column at a time.

Every step gives a part of a curve to the one column whose curve would lessen the loss most. All columns may bend
alike: each step is as free as one straight line, whatever the column's values, so that a column of two values and
one of thousands are judged alike.

Source: Buehlmann and Yu 2003, "Boosting with the L2 loss"; Hofner et al. 2011, "A framework for unbiased model
selection based on boosting".
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .additive import Roughness
from .growth import additive_layer
from .samples import Samples
from .task import Task

_GRID = 3
_RIDGE = 0.1
_STEP = 0.5
_STEPS = 500
_PATIENCE = 40


@dataclass(frozen=True)
class Path:
    """What was done, step by step.

    Attributes:
        columns: Which column each step went to.
        sizes: How much each added to its column's spread.
        best: After how many steps the samples set aside were predicted best; all steps without any.
    """

    columns: list[int]
    sizes: list[float]
    best: int

    def ranking(self) -> Tensor:
        """Columns that were stepped to, those of the largest curves first."""
        totals: dict[int, float] = {}
        for column, size in zip(self.columns[: self.best], self.sizes[: self.best], strict=True):
            totals[column] = totals.get(column, 0.0) + size
        return torch.tensor(sorted(totals, key=lambda column: (-totals[column], column)), dtype=torch.long)


class Stagewise:
    """One curve a column, in coordinates in which its shrinkage is a factor for each.

    Args:
        samples: With the task's targets.
        task: What is to be predicted.
        k: Degree of the curves.
    """

    def __init__(self, samples: Samples, task: Task, k: int) -> None:
        self._samples, self._task = samples, task
        self._share = samples.weights / samples.weights.sum()
        self._layer = additive_layer(samples.x, samples.weights, task.outputs, _GRID, k).basis
        features = self._layer.features(samples.x)[..., 1:]
        self._mean = torch.einsum("n,ncm->cm", self._share, features)
        features = features - self._mean
        root = _inverse_root(Roughness(1.0, _RIDGE).matrix(features.shape[2]))
        gram = torch.einsum("ncm,ncl->cml", features * self._share[:, None, None], features)
        self._spread, turn = torch.linalg.eigh(root.T @ gram @ root)
        self._spread = self._spread.clamp_min(0)
        self._turn = root @ turn
        self._shrink = 1 / (self._spread + _shrinkage(self._spread)[:, None])
        self._features = self._coordinates(features)

    def run(self, aside: Samples | None = None, steps: int = _STEPS) -> Path:
        """Take so many steps, fewer where samples set aside have had enough.

        Args:
            aside: They decide how many are good.
            steps: How many at most.
        """
        outputs, columns = self._task.outputs, len(self._spread)
        fitted = torch.zeros(len(self._samples), outputs, dtype=torch.float64)
        if aside is not None:
            new = self._coordinates(self._layer.features(aside.x)[..., 1:] - self._mean)
            guess = torch.zeros(len(aside), outputs, dtype=torch.float64)
        done: list[int] = []
        sizes: list[float] = []
        lowest, best = torch.inf, 0
        flat = self._features.flatten(1)
        for step in range(steps):
            slope = self._share[:, None] * self._residuals(fitted)
            moments = (flat.T @ slope).reshape(columns, -1, outputs)
            coef = self._shrink[:, :, None] * moments
            gains = ((2 * moments - self._spread[:, :, None] * coef) * coef).sum((1, 2))
            column = int(gains.argmax())
            fitted = fitted + _STEP * self._features[:, column] @ coef[column]
            done.append(column)
            sizes.append(float((self._spread[column] @ coef[column].square()).sum().sqrt()))
            if aside is not None:
                guess = guess + _STEP * new[:, column] @ coef[column]
                loss = float(aside.weights @ self._task.judged(guess, aside.y) / aside.weights.sum())
                if loss < lowest:
                    lowest, best = loss, step + 1
                if step + 1 - best >= _PATIENCE:
                    break
        return Path(done, sizes, len(done) if aside is None else max(1, best))

    def _coordinates(self, features: Tensor) -> Tensor:
        return torch.einsum("ncm,cml->ncl", features, self._turn)

    def _residuals(self, fitted: Tensor) -> Tensor:
        """What is left to fit by least squares: Newton's step with a bound of the curvature."""
        fitted = fitted.requires_grad_()
        (slope,) = torch.autograd.grad(self._task.each(fitted, self._samples.y).sum(), fitted)
        scale = self._task.outputs / 2 if self._task.kind == "values" else 1.0
        return -scale * slope / self._task.curvature


def _inverse_root(penalty: Tensor) -> Tensor:
    """Columns whose products are the inverse of a penalty, but for constants, shape (size, size - 1)."""
    values, vectors = torch.linalg.eigh(penalty)
    return vectors[:, 1:] / values[1:].sqrt()


def _shrinkage(spread: Tensor) -> Tensor:
    """The shrinkage of each column that leaves one degree of freedom, or all where there are no more."""
    low = torch.full((len(spread),), -12.0, dtype=torch.float64)
    high = torch.full_like(low, 6.0)
    for _ in range(40):
        middle = (low + high) / 2
        free = (spread / (spread + 10 ** middle[:, None])).sum(1)
        low, high = torch.where(free > 1, middle, low), torch.where(free > 1, high, middle)
    return 10**high
