"""A quick sum of one curve a column, found by backfitting: what to know of a table before the fit itself.

Curves are piecewise linear between few knots, go on as straight lines beyond them, and are as smooth as rows left out
ask for. A column whose curve does not help on rows left out has none.

Source: Hastie and Tibshirani 1990, "Generalized additive models", section 4.4; Huber 1981, "Robust statistics",
section 7.8 (pseudo-values).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from .robust import robust_deviation, weighted_quantile
from .samples import Samples
from .task import Task

_ROWS = 5000
_KNOTS = 9
_FOLDS = 4
_STRENGTHS = (1.0, 0.1, 0.01, 1e-3)
_RIDGE = 0.1
_EVEN = 0.5
_SWEEPS = 3
_LEAST_NOISE = 0.01
_TAMED = 2.0
"""Robust: residuals beyond so many deviations of the noise are cut there."""


@dataclass(frozen=True)
class Smoothed:
    """A curve of one column.

    Attributes:
        fitted: Its values at the rows, around 0, shape (n, outputs).
        loss: Mean squared error on rows left out.
        alone: The same of no curve.
    """

    fitted: np.ndarray
    loss: float
    alone: float

    @property
    def helps(self) -> bool:
        """Whether rows left out are predicted better by more than chance."""
        return self.loss * (1 + 1 / len(self.fitted) ** 0.5) < self.alone


def smooth(values: np.ndarray, targets: np.ndarray, weights: np.ndarray) -> Smoothed:
    """Fit a curve of one column.

    Args:
        values: Shape (n,), in an order that says nothing: every fourth row is left out by turns.
        targets: Shape (n, outputs).
        weights: Shape (n,), positive.

    Example:
        >>> x = np.random.default_rng(0).uniform(-1, 1, 200)
        >>> found = smooth(x, (x**2)[:, None], np.ones(200))
        >>> found.loss < 0.1 * found.alone
        True
    """
    share = weights / weights.sum()
    knots = _knots(values)
    features = _features(values, knots)
    folds = np.arange(len(values)) % _FOLDS == np.arange(_FOLDS)[:, None]
    grams, moments = _products(features, targets, share, folds)
    penalties = np.array(_STRENGTHS)[:, None, None] * _penalty(features.shape[1])
    losses, alone = np.zeros(len(_STRENGTHS)), 0.0
    for aside, gram, moment in zip(folds, grams.sum(0) - grams, moments.sum(0) - moments, strict=True):
        systems = gram + (1 - 1 / _FOLDS) * penalties
        coef = np.linalg.solve(systems, np.broadcast_to(moment, (len(systems), *moment.shape)))
        losses += ((features[aside] @ coef - targets[aside]) ** 2).mean(2) @ share[aside]
        mean = share[~aside] @ targets[~aside] / share[~aside].sum()
        alone += float(share[aside] @ ((targets[aside] - mean) ** 2).mean(1))
    losses = np.nan_to_num(losses, nan=np.inf)
    best = int(losses.argmin())
    fitted = features @ np.linalg.solve(grams.sum(0) + penalties[best], moments.sum(0))
    return Smoothed(fitted - share @ fitted, float(losses[best]), alone)


def _products(
    features: np.ndarray, targets: np.ndarray, share: np.ndarray, folds: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Products of the features with each other and with the targets, of each fold."""
    weighted = [(features[rows] * share[rows, None]).T for rows in folds]
    grams = [left @ features[rows] for left, rows in zip(weighted, folds, strict=True)]
    moments = [left @ targets[rows] for left, rows in zip(weighted, folds, strict=True)]
    return np.stack(grams), np.stack(moments)


def _knots(values: np.ndarray) -> np.ndarray:
    """Half way between quantiles and even ones, as those of the network are."""
    levels = np.linspace(0, 1, _KNOTS)
    low, high = values.min(), values.max()
    if not high > low:
        return np.array([low])
    return np.unique(_EVEN * (low + levels * (high - low)) + (1 - _EVEN) * np.quantile(values, levels))


def _features(values: np.ndarray, knots: np.ndarray) -> np.ndarray:
    """The value itself, and weights of the knots on either side (beyond the ends, of the two nearest)."""
    if len(knots) == 1:
        return np.ones((len(values), 2))
    right = np.clip(np.searchsorted(knots, values), 1, len(knots) - 1)
    share = (values - knots[right - 1]) / (knots[right] - knots[right - 1])
    found = np.zeros((len(values), 1 + len(knots)))
    rows = np.arange(len(values))
    found[rows, right], found[rows, right + 1] = 1 - share, share
    found[:, 0] = (values - knots[0]) / (knots[-1] - knots[0])
    return found


def _penalty(size: int) -> np.ndarray:
    """Bends and sizes of a curve beside a straight line, which is free."""
    knots = size - 1
    bends = np.diff(np.eye(knots), n=2, axis=0)
    found = 1e-8 * np.eye(size)
    found[1:, 1:] += bends.T @ bends + _RIDGE * (np.eye(knots) - 1 / knots)
    return found


@dataclass
class RoughFit:
    """A sum of one curve a column.

    Args:
        columns: Values of each, shape (n,), rows in an order that says nothing.
        targets: Shape (n, outputs).
        weights: Shape (n,), positive.
        robust: Whether a few wild targets have a bounded say.

    Attributes:
        parts: Values of the curves, None for columns that do not help.
        noise: Deviation of the targets around the sum, one an output.
    """

    columns: list[np.ndarray]
    targets: np.ndarray
    weights: np.ndarray
    robust: bool = False

    def __post_init__(self) -> None:
        """Fit all columns by turns."""
        self.parts: list[np.ndarray | None] = [None] * len(self.columns)
        self._sum = np.zeros_like(self.targets)
        self._tame()
        for sweep in range(_SWEEPS):
            for place in range(len(self.columns)):
                if sweep == 0 or self.parts[place] is not None:
                    self.refit(place)
            self._tame()

    def _tame(self) -> None:
        """Note what is to be fitted: the targets, the wild ones of them drawn to the sum where it is robust."""
        left = self.targets - self._sum
        share = self.weights / self.weights.sum()
        if not self.robust:
            self._left = left - share @ left
            return
        level = [weighted_quantile(column, self.weights, 0.5) for column in left.T]
        bound = _TAMED * np.array([robust_deviation(column, self.weights) for column in left.T])
        self._left = np.clip(left - level, -bound, bound)

    def refit(self, place: int, choices: Sequence[np.ndarray] = ()) -> int:
        """Fit the curve of a column to what the others leave.

        Args:
            place: Of the column.
            choices: Other values that the column could have; the best of them on rows left out takes its place if it
                is better than the column as it is by more than chance.

        Returns:
            Number of the choice that was taken, from 1; 0 for the column as it is.
        """
        part = self.parts[place]
        left = self._left if part is None else self._left + part
        found = [smooth(values, left, self.weights) for values in (self.columns[place], *choices)]
        margin = 1 + 1 / len(left) ** 0.5
        best = min(range(len(found)), key=lambda number: found[number].loss * (margin if number else 1))
        if best:
            self.columns[place] = choices[best - 1]
        new = found[best].fitted if found[best].helps else None
        change = (0 if new is None else new) - (0 if part is None else part)
        self._sum, self._left = self._sum + change, self._left - change
        self.parts[place] = new
        return best

    @property
    def noise(self) -> np.ndarray:
        """Robust deviation of the targets around the sum, one an output."""
        return np.array([robust_deviation(column, self.weights) for column in (self.targets - self._sum).T])


def rows_to_look_at(samples: Samples, seed: int) -> Samples:
    """Up to 5,000 samples, in an order that says nothing.

    Args:
        samples: All of them.
        seed: Of the order.
    """
    order = torch.randperm(len(samples), generator=torch.Generator().manual_seed(seed))
    return samples.rows(order[:_ROWS])


def noise_of(samples: Samples, task: Task, seed: int) -> Tensor:
    """Robust deviation of the scaled targets around what a quick fit predicts, one number an output.

    Args:
        samples: With targets in their own units.
        task: What is to be predicted.
        seed: Of the rows that are looked at where they are many.
    """
    some = rows_to_look_at(samples, seed)
    fit = RoughFit(list(some.x.T.numpy()), task.targets(some.y).numpy(), some.weights.numpy(), robust=True)
    return torch.from_numpy(np.maximum(fit.noise, _LEAST_NOISE))
