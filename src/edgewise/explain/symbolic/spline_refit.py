"""Refit of a network's splines to the targets while some of its edges stay as they are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ...network import Edge, Network, duplicate, output_jacobian
from ...optim import LeastSquares, LevenbergMarquardt, Loop, Search, Stall, Tolerance
from .bar import Sample

_SOLVER = LevenbergMarquardt(geodesic_acceleration=0.75, damping_decrease=0.1)


def refit_splines(model: Network, fixed: Collection[Edge], sample: Sample, *, steps: int = 40) -> Network:
    """Fit all edges but some to the targets, by Levenberg-Marquardt.

    Args:
        model: A float64 network of learnable edges; it stays as it is.
        fixed: Edges whose curves stay, up to the scales and shifts of the sub-nodes that they lead to.
        sample: Inputs and targets.
        steps: Largest number of steps.
    """
    work = _Problem.of(duplicate(model), fixed, sample)
    search = Search(_SOLVER, LeastSquares(work.residual, work.jacobian), work.start())
    floor = (1e-15 * float((sample.y / work.scale).abs().max())) ** 2 * sample.y.numel()
    Loop(search, steps, [Tolerance(floor), Stall(steps=3, gain=1e-2)]).run()
    work.put(search.state.x)
    return work.model


@dataclass(frozen=True)
class _Problem:
    """Residuals as a function of the numbers that are free; evaluated by changing the model in place."""

    model: Network
    sample: Sample
    scale: Tensor  # of each output
    parameters: list[nn.Parameter]
    free: list[Tensor]  # which numbers of each parameter are

    @classmethod
    def of(cls, model: Network, fixed: Collection[Edge], sample: Sample) -> _Problem:
        parameters: list[nn.Parameter] = []
        free: list[Tensor] = []
        for l, layer in enumerate(model.layers):
            on, led_to = layer.basis.mask != 0, torch.zeros(layer.subnodes, dtype=torch.bool)
            for _, i, j in (edge for edge in fixed if edge[0] == l):
                on[i, j], led_to[j] = False, True
            for value in layer.basis.parameters():
                if value.requires_grad:
                    shape = (len(on), *[1] * (value.ndim - 2), on.shape[1])
                    parameters.append(value)
                    free.append(on.reshape(shape).expand(value.shape))
            parameters += [layer.nodes.subnode_scale, layer.nodes.subnode_bias]
            free += [led_to, led_to]
        spread = sample.y.std(0, correction=0)
        return cls(model, sample, torch.where(spread > 0, spread, 1.0), parameters, free)

    def start(self) -> Tensor:
        pairs = zip(self.parameters, self.free, strict=True)
        return torch.cat([value.detach()[chosen] for value, chosen in pairs])

    @torch.no_grad()
    def put(self, theta: Tensor) -> None:
        sizes = [int(chosen.sum()) for chosen in self.free]
        for value, chosen, part in zip(self.parameters, self.free, theta.split(sizes), strict=True):
            value[chosen] = part

    def residual(self, theta: Tensor) -> Tensor:
        self.put(theta)
        with torch.no_grad():
            gap = (self.sample.y - self.model(self.sample.x)) / self.scale
        return torch.where(torch.isfinite(gap), gap, torch.inf).flatten()

    def jacobian(self, theta: Tensor) -> Tensor:
        self.put(theta)
        slopes = output_jacobian(self.model, self.sample.x, self.parameters)[1].dense()
        chosen = torch.cat([one.flatten() for one in self.free])
        weights = self.scale.repeat(len(self.sample.x))  # the outputs of a sample stand together
        return -slopes[:, chosen] / weights[:, None]
