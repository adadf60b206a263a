"""Joint refit of all constants of a network's formula edges, in float64, to rounding."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ...functions import Function
from ...network import Layer, Network, duplicate, forward_with
from ...optim import LeastSquares, LevenbergMarquardt, Loop, Search, Stall, Tolerance

FREE_CONSTANTS = {
    "zero": (0, 0, 0, 1),
    "linear": (0, 0, 1, 1),
    "power": (0, 1, 1, 1),
    "log": (0, 1, 1, 1),
    "exp": (1, 0, 1, 1),
}  # which of a, b, c, d; the others are covered by these

_SOLVER = LevenbergMarquardt(
    solver="svd", tolerance_change=0.0, min_relative_scale=1e-9, monotone_scaling=False, damping_decrease=0.05
)
"""Directions in which the outputs do not change are left alone; columns count as they are now."""


@dataclass(frozen=True)
class Refit:
    """A refitted network and how far its outputs are from the targets.

    Attributes:
        model: The network with new constants.
        unexplained: Mean over the outputs of squared error over variance of the target.
        steps: Levenberg-Marquardt steps taken.
    """

    model: Network
    unexplained: float
    steps: int


def refit(model: Network, x: Tensor, y: Tensor, *, steps: int = 60) -> Refit:
    """Fit the constants of all formula edges together to the targets, by Levenberg-Marquardt.

    Constants that others cover (the a of a power, the b of an exponential) stay; directions that the
    outputs do not see are left alone by a truncated singular value decomposition. Splines and node maps
    stay as they are.

    Args:
        model: A float64 network; it stays as it is.
        x: Inputs (n, input columns) in float64.
        y: Targets (n, outputs).
        steps: Largest number of steps.

    Returns:
        The network at the best constants found.

    Source: Moré (1978), with the exact Jacobian from one backward pass per output.
    """
    work = _Problem.of(model, x, y)
    search = Search(_SOLVER, LeastSquares(work.residual, work.jacobian), work.start)
    floor = (1e-16 * work.magnitude) ** 2 * len(search.state.residual)
    done = not len(work.start) or search.status is not None or search.value <= floor
    loop = Loop(search, 0 if done else steps, [Tolerance(floor), Stall(steps=4, gain=1e-4)])
    loop.run()
    state = search.state
    return Refit(work.network(state.x), state.value / len(state.residual), loop.done)


@dataclass(frozen=True)
class _Problem:
    """Residuals of a network as a function of its free constants."""

    model: Network
    x: Tensor
    y: Tensor
    scale: Tensor  # of each output
    free: Tensor  # (edges, 4) bool
    magnitude: float  # of the outputs in units of scale

    @classmethod
    def of(cls, model: Network, x: Tensor, y: Tensor) -> _Problem:
        functions = [function for layer in model.layers for function in layer.formula.functions]
        rows = [FREE_CONSTANTS.get(function.kind, (1, 1, 1, 1)) for function in functions]
        scale = y.std(0, correction=0)
        scale = torch.where(scale > 0, scale, 1.0)
        free = torch.tensor(rows, dtype=torch.bool).reshape(-1, 4)
        return cls(model, x, y, scale, free, float((y / scale).abs().max()))

    @property
    def affine(self) -> Tensor:
        return torch.cat([layer.formula.affine.detach() for layer in self.model.layers])

    @property
    def start(self) -> Tensor:
        return self.affine[self.free]

    def _full(self, theta: Tensor) -> Tensor:
        affine = self.affine.clone()
        affine[self.free] = theta
        return affine

    def residual(self, theta: Tensor) -> Tensor:
        """Scaled residuals (n * outputs,); inf where an output is not finite."""
        with torch.no_grad():
            outputs = _outputs(self.model, self.x, self._full(theta)[None])
        gap = ((self.y - outputs) / self.scale).T.reshape(-1)
        return torch.where(torch.isfinite(gap), gap, torch.inf)

    def jacobian(self, theta: Tensor) -> Tensor:
        """Derivatives (n * outputs, free) of the scaled residuals; zero where they are not finite."""
        with torch.enable_grad():
            # Every sample gets its own copy of the constants, so that one backward pass gives all rows.
            rows = self._full(theta).expand(len(self.x), -1, -1).clone().requires_grad_()
            outputs = _outputs(self.model, self.x, rows) / self.scale
            count = outputs.shape[1]
            blocks = [
                torch.autograd.grad(outputs[:, k].sum(), rows, retain_graph=k + 1 < count)[0]
                for k in range(count)
            ]
        jacobian = -torch.cat([block[:, self.free] for block in blocks])
        return torch.nan_to_num(jacobian, nan=0.0, posinf=0.0, neginf=0.0)

    def network(self, theta: Tensor) -> Network:
        new = duplicate(self.model)
        affine = self._full(theta)
        sizes = [len(layer.formula.functions) for layer in new.layers]
        with torch.no_grad():
            for layer, part in zip(new.layers, affine.split(sizes), strict=True):
                layer.formula.affine.copy_(part)
        return new


def _outputs(model: Network, x: Tensor, affine: Tensor) -> Tensor:
    """Outputs of a network with other constants, (1 or n, edges, 4), one row per sample."""
    parts = affine.split([len(layer.formula.functions) for layer in model.layers], 1)
    return forward_with(
        model, model.prepare_inputs(x), lambda l, layer, h: layer.nodes(_sums(layer, h, parts[l]))
    )


def _sums(layer: Layer, h: Tensor, affine: Tensor) -> Tensor:
    if bool((layer.basis.mask != 0).any()):
        sums = layer.basis(h)
    else:
        sums = h.new_zeros(len(h), layer.subnodes)
    if not affine.shape[1]:
        return sums
    a, b, c, d = affine.unbind(2)
    index = layer.formula.edge_index
    argument = a * h[:, index[:, 0]] + b
    parts, order = [], []
    for function, places in _by_function(layer.formula.functions).items():
        parts.append(function.safe(argument[:, places]))
        order += places
    values = torch.cat(parts, 1)[:, torch.tensor(order).argsort()]
    return sums.index_add(1, index[:, 1], c * values + d)


def _by_function(functions: tuple[Function, ...]) -> dict[Function, list[int]]:
    places: dict[Function, list[int]] = {}
    for place, function in enumerate(functions):
        places.setdefault(function, []).append(place)
    return places
