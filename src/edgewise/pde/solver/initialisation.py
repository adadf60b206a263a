"""Start values for a network that is to solve an equation: smooth, and filling every hidden grid."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from ...layers import KANLayer
from ...network import Network, Scaler, build, walk
from ..domain import Box
from ..equation import Equation
from ..fields import Points
from ..residual.system import LeastSquaresSystem
from ..units import Units, problem_units


def first_network(
    equation: Equation, width: Sequence[Any], grid: Any, k: int, seed: int, units: Units | None = None
) -> Network:
    """A network over the equation's domain and in units of its unknowns, with smooth start values.

    Example:
        >>> from edgewise.pde.problems import poisson
        >>> first_network(poisson(), [2, 3, 1], 4, 5, seed=0).width
        (2, 3, 1)
    """
    network = build(
        width,
        grid=grid,
        k=k,
        base="zero",
        seed=seed,
        dtype=torch.float64,
        input_scaler=unit_scaler(equation.domain),
        output_scaler=_unknowns_scaler(equation, units or problem_units(equation)),
        grid_eps=1.0,
    )
    initialise_smooth(network, equation.domain.sample(1024), seed)
    return network


def _unknowns_scaler(equation: Equation, units: Units) -> Scaler:
    """From the network's numbers to unknowns; to the factor of the distance where a condition is exact."""
    shift, scale = units.means.clone(), units.amplitudes.clone()
    points = Points(equation.domain.sample(1024), equation.domain.names)
    for name, ansatz in equation.hard.items():
        unknown = equation.unknowns.index(name)
        height = float(ansatz.distance(points).detach().square().mean().sqrt())
        shift[unknown] = 0.0
        scale[unknown] /= height if 0 < height < math.inf else 1.0
    return Scaler(shift, scale)


def unit_scaler(domain: Box) -> Scaler:
    """Scales a box to [-1, 1].

    Example:
        >>> unit_scaler(Box(x=(0, 4)))(torch.tensor([[4.0]], dtype=torch.float64))
        tensor([[1.]], dtype=torch.float64)
    """
    return Scaler((domain.low + domain.high) / 2, (domain.high - domain.low) / 2)


@torch.no_grad()
def reset_output_layer_if_better(system: LeastSquaresSystem) -> None:
    """Set the splines of the last layer to zero, in place, where that lowers the residual.

    A warm start on the next window of time: the hidden layers of the window before are kept in any case.
    """
    coef = system.network.layers[-1].basis.coef
    kept, before = coef.clone(), float(system.residual(system.vector).norm())
    coef.zero_()
    if before < float(system.residual(system.vector).norm()):
        coef.copy_(kept)


@torch.no_grad()
def initialise_smooth(network: Network, x: Tensor, seed: int = 0) -> None:
    """Set a network's splines, in place, to slow random functions; those of the last layer to zero.

    Noise on coefficients has second derivatives that bury those of the solution, and hidden values that
    fill little of their grids leave them at the first step. Here every sub-node runs from -0.9 to 0.9 of
    the next grid, and the first Gauss-Newton step is a linear fit of the last layer.

    Args:
        network: Of spline edges.
        x: Points of the domain, shape (batch, n_columns).
        seed: Of the random slopes and waves.

    Example:
        >>> from edgewise.network import build
        >>> network = build([1, 3, 1], grid=4)
        >>> x = torch.linspace(-1, 1, 9)[:, None]
        >>> initialise_smooth(network, x)
        >>> low, high = network.layers[0](x).detach().aminmax()
        >>> round(float(low), 5), round(float(high), 5), float(network(x).detach().abs().max())
        (-0.9, 0.9, 0.0)
    """
    generator = torch.Generator().manual_seed(seed)
    for _, layer, h in walk(network, x):
        spline = layer.basis
        spline.scale_base.zero_()
        if layer is network.layers[-1]:
            spline.coef.zero_()
            return
        spline.coef.copy_(_slow_functions(spline, generator))
        sums = spline(h)
        low, high = sums.amin(0), sums.amax(0)
        spline.coef.mul_(1.8 / (high - low).clamp_min(1e-12))
        # Basis functions sum to one: the same number added to all of an edge's coefficients is a shift.
        spline.coef[0] -= spline(h).amin(0) + 0.9


def _slow_functions(spline: KANLayer, generator: torch.Generator) -> Tensor:
    """Coefficients (in, size, out) of a random slope with a random wave of half a period on each edge."""
    steps = [spline.knots[:, 1 + at : 1 + at + spline.size] for at in range(spline.k)]
    places = torch.stack(steps).mean(0) if steps else spline.knots[:, :-1]
    low, high = spline.knots[:, [spline.k]], spline.knots[:, [spline.size]]
    unit = (2 * (places - low) / (high - low) - 1)[..., None]

    def random() -> Tensor:
        shape = (spline.in_features, 1, spline.out_features)
        return torch.randn(shape, generator=generator, dtype=torch.float64).to(spline.coef)

    return random() * unit + 0.5 * random() * torch.sin(math.pi / 2 * unit * (1 + random().abs()) + random())
