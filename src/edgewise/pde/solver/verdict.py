"""How well a solution meets its equation and conditions at fresh points, and whether a run that ended has solved it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from ...events import Stop, StopReason
from ...network import Network
from ..conditions import AnyCondition, Observations
from ..residual.blocks import ResidualBlock
from ..units import Units
from .method import Method
from .posing import pose
from .sampling import sample_by_knots
from .sizes import reached_sizes
from .uniqueness import Sensitivity
from .windows import TimeWindow

_LARGE = 0.05  # as a share of the terms
_LARGE_BESIDE_NOISE = 2.0
_NOT_UNIQUE = 1e-4
_MAY_BE_OFF = 0.3  # as a share of the solution's size
_POINTS = 1024
_ON_FACES = 129
_SEED = 20_011
_LEAST = 1e-9  # amplitudes are no smaller beside those expected: constants leave residuals of rounding only

_STOOD_STILL = frozenset({StopReason.CONVERGED, StopReason.PLATEAU, StopReason.NO_DESCENT})
_ENDED = _STOOD_STILL | {
    StopReason.TOLERANCE,
    StopReason.STEPS,
    StopReason.OVERFITTED,
    StopReason.LARGE_RESIDUAL,
}


class FreshResidual(NamedTuple):
    """A residual at fresh points.

    Args:
        value: Root mean square: of an equation as a share of its largest term, of a condition as a share of what
            the unknown varies by, of observations in units of their noise if that is known.
        allowed: With more than that, the equation is not solved.
    """

    value: float
    allowed: float


def fresh_residuals(
    windows: Sequence[TimeWindow], units: Units, coefficients: Mapping[str, float]
) -> dict[str, FreshResidual]:
    """Residuals of the equations and conditions, by name: the largest of all windows.

    Args:
        windows: What was solved.
        units: Of the problem.
        coefficients: Unknown coefficients that were found.
    """
    found: dict[str, FreshResidual] = {}
    for window in windows:
        for name, residual in _of_window(window, units, coefficients).items():
            found[name] = max(residual, found.get(name, residual))
    return found


def judged(stop: StopReason, residuals: Mapping[str, FreshResidual], told: Sensitivity) -> Stop:
    """Why a run ended, or why its solution is not to be trusted.

    Args:
        stop: Why it ended.
        residuals: At fresh points.
        told: How much residuals tell of the solution.

    Example:
        >>> str(judged(StopReason.PLATEAU, {"equation": FreshResidual(1e-5, 0.03)}, Sensitivity()).reason)
        'plateau'
        >>> judged(StopReason.PLATEAU, {"equation": FreshResidual(0.3, 0.03)}, Sensitivity()).detail
        'equation 0.3'
    """
    large = {name: part.value for name, part in residuals.items() if not part.value <= part.allowed}
    detail = ", ".join(f"{name} {value:.2g}" for name, value in large.items())
    if large and stop not in _STOOD_STILL:
        detail = f"with a large residual: {detail}"
    elif not large and told.possible_error > _MAY_BE_OFF:
        detail = f"the solution may be off by {told.possible_error:.2g} of its size"
    if detail and stop in _STOOD_STILL:
        stop = StopReason.LARGE_RESIDUAL
    if stop in _ENDED and told.least < _NOT_UNIQUE:
        return Stop(StopReason.NOT_UNIQUE, detail)
    return Stop(stop, detail)


def _of_window(
    window: TimeWindow, units: Units, coefficients: Mapping[str, float]
) -> dict[str, FreshResidual]:
    equation, network = window.equation, window.network
    points = sample_by_knots(equation.domain, network.layers[0].basis, _POINTS, _SEED)
    blocks = pose(equation, points, _ON_FACES, Method(), units, coefficients, _SEED)
    least = _LEAST * (units.means.abs() + units.amplitudes)
    sizes = reached_sizes(equation, blocks, network, units, coefficients, least)
    for block, size in zip(blocks, sizes, strict=True):
        block.sizes = size
    own, *others = blocks
    found = _named("equation", _shares(own, network, coefficients), _LARGE)
    for condition, block in zip(equation.conditions, others, strict=True):
        taken = sum(name.startswith(condition.name) for name in found)
        name = f"{condition.name} {taken + 1}" if taken else condition.name
        found |= _named(name, _shares(block, network, coefficients), _allowed(condition))
    return found


def _shares(block: ResidualBlock, network: Network, coefficients: Mapping[str, float]) -> Tensor:
    values = {name: torch.tensor(value, dtype=torch.float64) for name, value in coefficients.items()}
    return block.residuals(network, values).square().mean(1).sqrt() / block.sizes


def _named(name: str, shares: Tensor, allowed: float) -> dict[str, FreshResidual]:
    if len(shares) == 1:
        return {name: FreshResidual(float(shares), allowed)}
    return {
        f"{name}, part {part + 1}": FreshResidual(share, allowed)
        for part, share in enumerate(shares.tolist())
    }


def _allowed(condition: AnyCondition) -> float:
    if not isinstance(condition, Observations):
        return _LARGE
    return math.inf if condition.noise is None else _LARGE_BESIDE_NOISE
