"""Joint refit of all constants of a network's formula edges, in float64, to rounding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from ...functions import Function
from ...network import Layer, Network, duplicate, forward_with

_FREE = {
    "zero": (0, 0, 0, 1),
    "linear": (0, 0, 1, 1),
    "power": (0, 1, 1, 1),
    "log": (0, 1, 1, 1),
    "exp": (1, 0, 1, 1),
}  # which of a, b, c, d; the others are covered by these
_RANK = 1e-12  # directions in which the outputs change less than this are left alone


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
    point = _Point.of(work, work.start)
    floor = (1e-16 * work.magnitude) ** 2 * point.residual.numel()
    damping, taken, stalled = 1e-3, 0, 0
    while taken < steps and stalled < 4 and point.loss > floor and len(point.theta):
        taken += 1
        new, damping = _step(work, point, damping)
        if new is None:
            break
        stalled = 0 if 1 - new.loss / point.loss > 1e-4 else stalled + 1
        point = new
    return Refit(work.network(point.theta), point.loss / point.residual.numel(), taken)


def _step(work: _Problem, point: _Point, damping: float) -> tuple[_Point | None, float]:
    """The next better point and damping; None where no damping gives one."""
    step_of = work.solver(point.theta, point.residual)
    for _ in range(8):
        trial = _Point.of(work, point.theta + step_of(damping))
        if trial.loss < point.loss:
            return trial, max(damping / 20, 1e-14)
        damping = min(max(damping, 1e-8) * 10, 1e8)
    return None, damping


@dataclass(frozen=True)
class _Point:
    theta: Tensor
    residual: Tensor
    loss: float

    @classmethod
    def of(cls, work: _Problem, theta: Tensor) -> _Point:
        residual = work.residual(theta)
        return cls(theta, residual, float(residual.square().sum()))


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
        rows = [_FREE.get(function.kind, (1, 1, 1, 1)) for function in functions]
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
        """Derivatives (n * outputs, free) of the scaled outputs."""
        with torch.enable_grad():
            # Every sample gets its own copy of the constants, so that one backward pass gives all rows.
            rows = self._full(theta).expand(len(self.x), -1, -1).clone().requires_grad_()
            outputs = _outputs(self.model, self.x, rows) / self.scale
            count = outputs.shape[1]
            blocks = [
                torch.autograd.grad(outputs[:, k].sum(), rows, retain_graph=k + 1 < count)[0]
                for k in range(count)
            ]
        return torch.cat([block[:, self.free] for block in blocks])

    def solver(self, theta: Tensor, residual: Tensor) -> Callable[[float], Tensor]:
        """The damped least-squares step as a function of the damping."""
        jacobian = torch.nan_to_num(self.jacobian(theta), nan=0.0, posinf=0.0, neginf=0.0)
        norm = jacobian.norm(dim=0)
        norm = torch.where(norm > 0, norm, 1.0)
        # The residual as one more column comes out as its part along each of the others: no Q is needed.
        both = torch.cat([jacobian / norm, residual[:, None]], 1)
        corner = torch.linalg.qr(both, mode="r").R[: len(norm)]
        left, singular, right = torch.linalg.svd(corner[:, :-1], full_matrices=False)
        seen = singular > _RANK * singular.amax().clamp_min(1e-300)
        target = left.T @ corner[:, -1]

        def step(damping: float) -> Tensor:
            factor = torch.where(seen, singular / (singular.square() + damping), 0.0)
            return (right.T @ (factor * target)) / norm

        return step

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
