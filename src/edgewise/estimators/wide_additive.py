"""Additive networks of more basis functions than samples, in as many coordinates as there are samples.

Coefficients that are least in the penalty P = strength * Q lie in the span of Q^+ f', with features f and the
pseudo-inverse Q^+. With the eigenvectors U and eigenvalues D of w f Q^+ f' w, where w are roots of the samples' shares,
the features U D^(1/2) / w have products D and the penalty strength * 1: no matrix of columns times basis functions
squared is made, and all strengths share one decomposition.

Source: Wahba 1990, "Spline models for observational data" (the representer theorem).
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..layers import KANLayer
from .additive import Additive, Roughness
from .samples import Samples
from .task import Task

_LEAST = 1e-12


class WideAdditive(Additive):
    """One curve a column, for tables of more basis functions than samples; as `Additive`, and the same results.

    Args:
        layer: Whose knots count; without base.
        samples: Inputs, what `task.each` compares with, and weights.
        task: What is to be predicted.
    """

    def __init__(self, layer: KANLayer, samples: Samples, task: Task) -> None:
        self._layer, self._task, self._targets = layer, task, samples.y
        self._share = samples.weights / samples.weights.sum()
        features = self.features(samples.x)
        self._mean = self._share @ features
        self._all = features - self._mean
        self._bias = torch.zeros(task.outputs, dtype=features.dtype)
        if task.is_least_squares:
            self._bias = self._share @ samples.y
        self._last: Tensor | None = None
        self._ridge: float | None = None

    def fit(self, roughness: Roughness) -> Tensor:
        """Coefficients (in, size, out) at this roughness."""
        if roughness.ridge != self._ridge:
            self._decompose(roughness)
        penalty = roughness.strength * torch.eye(len(self._spread), dtype=torch.float64)
        if self._task.is_least_squares:
            moment = self._features.T @ (self._share[:, None] * (self._targets - self._bias))
            flat, bias = moment / (self._spread + roughness.strength)[:, None], self._bias
        else:
            flat, bias = self._by_iteration(self._factor(penalty), penalty)
        inputs, size = self._layer.in_features, self._layer.size
        found = self._back @ flat
        return found.reshape(inputs, size, -1) + (bias - self._mean @ found) / inputs

    def _decompose(self, roughness: Roughness) -> None:
        inputs, size = self._layer.in_features, self._layer.size
        inverse = torch.linalg.pinv(roughness.matrix(size), hermitian=True)
        smooth = (self._all.reshape(-1, inputs, size) @ inverse).flatten(1)
        root = self._share.sqrt()[:, None]
        spread, vectors = torch.linalg.eigh(root * (self._all @ smooth.T) * root.T)
        kept = spread > _LEAST * spread[-1]
        self._spread, vectors = spread[kept], vectors[:, kept]
        self._features = vectors * self._spread.sqrt() / root
        self._back = smooth.T @ (root * vectors / self._spread.sqrt())
        self._gram, self._ridge, self._last = self._spread.diag(), roughness.ridge, None
