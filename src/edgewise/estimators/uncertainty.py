"""How sure the coefficients of a fitted network are, and with them what is made of its outputs.

Near the fit, outputs are taken as linear in the coefficients, and the penalty as what was known of them beforehand:
they are then normal, with the inverse of the objective's curvature as covariance. For a sum of one curve a column on
values this is exact but for the noise, which is estimated. An interval of this kind holds, on average over a curve,
about as often as it says, since the penalty's share makes up for its bias.

Source: Wahba 1983, "Bayesian confidence intervals for the cross-validated smoothing spline"; Marra and Wood 2012,
"Coverage properties of confidence intervals for generalized additive model components".
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..network import Network, output_jacobian
from .additive import Roughness

_MOST_ROWS = 1000
_LEAST_ROWS = 100
_CONSTANTS = 1e-2
"""Precision of the constants of curves, in units of the targets' deviation: next to nothing is known of them."""


@dataclass(frozen=True)
class FittedTo:
    """What a network was fitted to.

    Attributes:
        x: Samples, or some of them, shape (n, n_columns).
        weights: Of the samples, shape (n,).
        targets: Values of the samples, shape (n, outputs); None where classes or labels are predicted.
        rows: How many rows there were in all.
        labels: Whether each output is the logit of a label, of which any may hold.
    """

    x: Tensor
    weights: Tensor
    targets: Tensor | None
    rows: int
    labels: bool = False


class Uncertainty:
    """The distribution of a network's coefficients around those of the fit.

    Args:
        model: A network of splines.
        data: What it was fitted to.
        roughness: The penalty of the fit.

    Example:
        >>> from edgewise.network import build
        >>> model, x = build([1, 1], base="zero", dtype=torch.float64), torch.rand(50, 1).double()
        >>> sure = Uncertainty(model, FittedTo(x, torch.ones(50), torch.rand(50, 1), 50), Roughness(1e-3, 0.1))
        >>> bool(sure.deviation(x[:1], torch.ones(1, 1).double()) > 0)
        True
    """

    def __init__(self, model: Network, data: FittedTo, roughness: Roughness) -> None:
        self._model, of_values = model, data.targets is not None
        self._contrasts = not of_values and not data.labels and model.layers[-1].out_features > 1
        self._coefs = [layer.basis.coef for layer in model.layers]
        outputs = model.layers[-1].out_features
        most = max(_LEAST_ROWS, _MOST_ROWS // outputs)
        x, share = data.x[:most], data.weights[:most].double()
        share = data.rows * share / share.sum()
        strength = data.rows * roughness.strength * (outputs if of_values else 2)
        rows = self._derivatives(x)
        rows = rows if of_values else _curved(rows, self._logits(x), data.labels)
        self._rows = (share.sqrt()[:, None, None] * rows).flatten(0, 1)
        if data.targets is None:
            self._know(strength, roughness, 1.0)
            return
        with torch.no_grad():
            gap = (model(x) - data.targets[:most]) / self._scale
        noise = max(float((share @ gap.square()).mean() / data.rows), 1e-12)
        self._know(strength, roughness, noise)
        # A fit uses up as many rows as it has free coefficients.
        left = max(1 - self._free / (data.rows * outputs), 0.2)
        self._know(strength, roughness, noise / left)

    def deviation(self, x: Tensor, averages: Tensor) -> Tensor:
        """Standard deviation of weighted sums of the outputs at some rows.

        Args:
            x: Rows, shape (m, n_columns).
            averages: Weights of the rows, one sum a row, shape (sums, m).

        Returns:
            Shape (sums, outputs).
        """
        slopes = torch.einsum("sm,mop->sop", averages, self._derivatives(x) * self._scale[:, None])
        if self._contrasts:  # only differences of logits mean anything
            slopes = slopes - slopes.mean(1, keepdim=True)
        flat = slopes.flatten(0, 1)
        spread = self._spread(flat)
        learned = torch.linalg.solve_triangular(self._factor, self._weighted @ spread.T, upper=False)
        variance = (flat * spread).sum(1) - learned.square().sum(0)
        return variance.clamp_min(0).sqrt().reshape(slopes.shape[:2])

    @property
    def _scale(self) -> Tensor:
        scaler = self._model.output_scaler
        return torch.ones(1) if scaler is None else scaler.scale

    def _logits(self, x: Tensor) -> Tensor:
        with torch.no_grad():
            return self._model(x)

    def _derivatives(self, x: Tensor) -> Tensor:
        """Derivatives of the outputs, in units of the targets' deviation, shape (n, outputs, coefficients)."""
        jacobian = output_jacobian(self._model, x, self._coefs)[1]
        return jacobian.dense().reshape(len(x), -1, jacobian.shape[1]) / self._scale[:, None]

    def _know(self, strength: float, roughness: Roughness, noise: float) -> None:
        """Take in what the penalty says, and then what the rows say."""
        self._blocks = []
        for coef in self._coefs:
            weak = _CONSTANTS * torch.eye(coef.shape[1], dtype=coef.dtype)
            bends = strength / noise * roughness.matrix(coef.shape[1]).to(coef.dtype)
            self._blocks.append(torch.linalg.inv(bends + weak))
        self._weighted = self._rows / noise**0.5
        system = self._weighted @ self._spread(self._weighted).T
        system.diagonal().add_(1)
        self._factor = torch.linalg.cholesky(system)
        # The trace of the hat matrix, by the rows that stand for all.
        self._free = len(system) - float(torch.cholesky_inverse(self._factor).diagonal().sum())

    def _spread(self, flat: Tensor) -> Tensor:
        """Vectors (m, coefficients) times the covariance that the penalty stands for."""
        parts, start = [], 0
        for coef, block in zip(self._coefs, self._blocks, strict=True):
            part = flat[:, start : start + coef.numel()].reshape(-1, *coef.shape)
            parts.append(torch.einsum("miso,st->mito", part, block).flatten(1))
            start += coef.numel()
        return torch.cat(parts, 1)


def _curved(jacobian: Tensor, logits: Tensor, labels: bool) -> Tensor:
    """Derivatives times a root of the curvature that the log loss has in the logits."""
    if labels or logits.shape[1] == 1:
        shares = logits.sigmoid()
        return jacobian * (shares * (1 - shares)).sqrt()[:, :, None]
    shares = logits.softmax(1)
    roots = shares.sqrt()
    root = torch.diag_embed(roots) - roots[:, :, None] * shares[:, None, :]
    return root @ jacobian
