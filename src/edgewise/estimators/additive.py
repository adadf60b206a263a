"""Networks without a hidden layer, by penalised least squares or likelihood: a sum of one curve a column.

With features f (basis values, centred) and penalty matrix P, coefficients c minimise
mean loss(f c) + strength c'Pc. In the coordinates z = L'c, LL' = f'f/n + strength P, values are found in one
step and classes in a few, whatever the knots.

Source: Eilers and Marx 1996, "Flexible smoothing with B-splines and penalties".
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..layers import KANLayer
from ..optim import LBFGS, Smooth
from .samples import Samples
from .task import Task


@dataclass(frozen=True)
class Roughness:
    """How wavy and how large curves may be.

    Attributes:
        strength: Weight of squared second differences of neighbouring coefficients.
        ridge: Weight of squared coefficients around their mean, as a share of `strength`.
    """

    strength: float
    ridge: float

    def matrix(self, size: int) -> Tensor:
        """The penalty of one curve as a quadratic form, shape (size, size), without `strength`."""
        eye = torch.eye(size, dtype=torch.float64)
        bends = eye.diff(n=2, dim=0) if size > 2 else eye[:0]
        return bends.T @ bends + self.ridge * (eye - 1 / size)

    def of(self, coef: Tensor) -> Tensor:
        """The penalty of coefficients (in, size, out) without `strength`, a scalar."""
        bends = coef.diff(n=2, dim=1) if coef.shape[1] > 2 else coef[:, :0]
        around = coef - coef.mean(1, keepdim=True)
        return bends.square().sum() + self.ridge * around.square().sum()


class Additive:
    """One curve a column, fitted again and again to the same samples.

    Args:
        layer: Whose knots count; without base.
        samples: Inputs, what `task.each` compares with, and weights.
        task: What is to be predicted.
    """

    def __init__(self, layer: KANLayer, samples: Samples, task: Task) -> None:
        targets = samples.y
        self._layer, self._task, self._targets = layer, task, targets
        self._share = samples.weights / samples.weights.sum()
        features = self.features(samples.x)
        self._mean = self._share @ features
        self._features = features - self._mean
        self._gram = (self._features * self._share[:, None]).T @ self._features
        self._bias = torch.zeros(task.outputs, dtype=features.dtype)
        if task.is_least_squares:
            self._bias = self._share @ targets
            self._moment = self._features.T @ (self._share[:, None] * (targets - self._bias))
        self._last: Tensor | None = None

    def fit(self, roughness: Roughness) -> Tensor:
        """Coefficients (in, size, out) at this roughness; those of classes start from the last ones found."""
        penalty = torch.block_diag(*[roughness.matrix(self._layer.size)] * self._layer.in_features)
        penalty = roughness.strength * penalty
        factor = self._factor(penalty)
        if self._task.is_least_squares:
            flat, bias = torch.cholesky_solve(self._moment, factor), self._bias
        else:
            flat, bias = self._by_iteration(factor, penalty)
        inputs, size = self._layer.in_features, self._layer.size
        constant = (bias - self._mean @ flat) / inputs
        return flat.reshape(inputs, size, -1) + constant  # basis functions sum to one

    def loss(self, coef: Tensor, features: Tensor, validation: Samples) -> float:
        """Mean loss of coefficients on other samples, whose `features` are known."""
        losses = self._task.judged(features @ coef.flatten(0, 1), validation.y)
        return float(validation.weights @ losses / validation.weights.sum())

    def features(self, x: Tensor) -> Tensor:
        """Basis values of each column, shape (n, in * size)."""
        return self._layer.features(x)[..., 1:].flatten(1)

    def _factor(self, penalty: Tensor) -> Tensor:
        whole = self._task.curvature * self._gram + penalty
        least = 1e-10 * (1 + float(whole.diagonal().mean()))
        return torch.linalg.cholesky(whole + least * torch.eye(len(whole), dtype=whole.dtype))

    def _by_iteration(self, factor: Tensor, penalty: Tensor) -> tuple[Tensor, Tensor]:
        outputs, rows = self._task.outputs, len(factor)
        features = torch.linalg.solve_triangular(factor, self._features.T, upper=False).T
        white = torch.linalg.solve_triangular(factor, penalty, upper=False)
        white = torch.linalg.solve_triangular(factor, white.T, upper=False)

        def value_and_gradient(flat: Tensor) -> tuple[float, Tensor]:
            z = flat.reshape(rows + 1, outputs)
            fitted = (features @ z[:-1] + z[-1]).requires_grad_()
            loss = self._share @ self._task.each(fitted, self._targets)
            (slope,) = torch.autograd.grad(loss, fitted)
            bent = white @ z[:-1]
            value = loss.item() + float((z[:-1] * bent).sum())
            return value, torch.cat([features.T @ slope + 2 * bent, slope.sum(0)[None]]).reshape(-1)

        start = torch.zeros(rows + 1, outputs, dtype=features.dtype)
        if self._last is not None:
            start[:-1], start[-1] = factor.T @ self._last[:-1], self._last[-1]
        found = LBFGS(tolerance_change=1e-5).minimise(Smooth(value_and_gradient), start.reshape(-1), steps=2)
        z = found.x.reshape(rows + 1, outputs)
        flat = torch.linalg.solve_triangular(factor.T, z[:-1], upper=True)
        self._last = torch.cat([flat, z[-1:]])
        return flat, z[-1]
