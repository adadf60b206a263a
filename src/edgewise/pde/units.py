"""A problem's own units: how large its unknowns are, and the terms of its equations and conditions.

A residual is worked on as a share of its largest term, so that neither the units of the coordinates and unknowns
nor a factor in front of an equation change the solution. Sizes of terms are those of a typical state: every
unknown differs by its amplitude from its mean, and its derivatives are that amplitude over lengths of the domain.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor

from .ansatz import Ansatz, Function
from .domain import Box
from .equation import Equation
from .fields import Points, per_point
from .residual.multi_index import Index
from .residual.pointwise import Linearised, PointwiseResidual

_POINTS = 64
_ROUNDING = 1e-12
_DECADES = 40


@dataclass(frozen=True)
class Units:
    """Typical numbers of a problem.

    Args:
        lengths: Half the sides of the domain, shape (coordinates,).
        means: About which the unknowns vary, shape (unknowns,).
        amplitudes: By how much, shape (unknowns,).

    Example:
        >>> from edgewise.pde import Box, dirichlet
        >>> rod = Equation(Box(x=(0, 2)), lambda u, at: u.xx, [dirichlet(lambda at: 300 + 5 * (at.x - 1))])
        >>> units = problem_units(rod)
        >>> units.means.tolist(), units.amplitudes.tolist()
        ([300.0], [5.0])
    """

    lengths: Tensor
    means: Tensor
    amplitudes: Tensor

    def state(self, indices: tuple[Index, ...], count: int, amplitudes: Tensor | None = None) -> Tensor:
        """Typical fields at `count` points, shape (derivatives, count, unknowns); repeatable."""
        generator = torch.Generator().manual_seed(0)
        shape = (len(indices), count, len(self.means))
        signs = 2 * torch.randint(2, shape, generator=generator).to(torch.float64) - 1
        unit = signs * (0.5 + 0.5 * torch.rand(shape, generator=generator, dtype=torch.float64))
        per_length = torch.stack([1 / self.lengths[list(index)].prod() for index in indices])
        found = unit * per_length[:, None, None] * (self.amplitudes if amplitudes is None else amplitudes)
        found[0] += self.means
        return found


def problem_units(equation: Equation) -> Units:
    """Find how large the unknowns of an equation are, from its data and its sources.

    Conditions and lifts give mean and deviation of what they prescribe, and slopes over half the domain. Sources
    give the amplitude at which the largest term of the equation balances them; so do, for an unknown that no
    condition says anything of, the terms of the others.
    """
    domain = equation.domain
    lengths = (domain.high - domain.low) / 2
    known = Units(lengths, *_prescribed_values(equation))
    for condition in equation.conditions:
        at = PointwiseResidual(equation, condition.residual, condition.points(domain, _POINTS))
        if len(at.points) == 1 and at.indices != ((),):
            known = replace(known, amplitudes=torch.maximum(known.amplitudes, _balancing(at, known)))
    at = PointwiseResidual(equation, equation.residual, domain.sample(_POINTS)[None])
    forced = _balancing(at, replace(known, amplitudes=torch.zeros_like(known.means)))
    found = replace(known, amplitudes=torch.maximum(known.amplitudes, forced))
    free = known.amplitudes == 0
    for _ in range(int(free.sum())):
        balancing = _balancing(at, found)
        found = replace(found, amplitudes=torch.where(free & (balancing > 0), balancing, found.amplitudes))
    for fallback in (known.means.abs(), torch.ones_like(known.means)):
        found = replace(found, amplitudes=torch.where(found.amplitudes > 0, found.amplitudes, fallback))
    return found


def residual_sizes(
    equation: Equation,
    residual: Callable[..., Any],
    points: Tensor,
    units: Units,
    coefficients: Mapping[str, float],
) -> Tensor:
    """Size of the largest term of each part of a residual in a typical state; 1 where it has none.

    Args:
        equation: Names the coordinates and unknowns.
        residual: Its own, or that of a condition.
        points: Where, shape (groups, batch, coordinates).
        units: Of the problem.
        coefficients: Values of the unknown coefficients.

    Returns:
        Shape (parts,).

    Example:
        >>> from edgewise.pde import Box
        >>> wave = Equation(Box(x=(0, 2), t=(0, 0.2)), lambda u, at: 7 * (u.tt - u.xx))
        >>> units = Units(torch.tensor([1.0, 0.1]), torch.zeros(1), torch.ones(1))
        >>> size = residual_sizes(wave, wave.residual, wave.domain.sample(64)[None], units, {})
        >>> 500 < float(size) < 700
        True
    """
    at = PointwiseResidual(equation, residual, points)
    state = units.state(at.indices, points.shape[0] * points.shape[1])
    sizes = term_sizes(at, state, units.means, coefficients).amax(1)
    return torch.where((sizes > 0) & sizes.isfinite(), sizes, 1.0)


def coefficient_units(equation: Equation, units: Units) -> dict[str, float]:
    """Typical sizes of the unknown coefficients: of their start values, or what makes a term of size 1.

    Example:
        >>> from edgewise.pde.problems import unknown_diffusion
        >>> coefficient_units(unknown_diffusion(), problem_units(unknown_diffusion()))
        {'diffusion': 1.0}
    """
    at = PointwiseResidual(equation, equation.residual, equation.domain.sample(_POINTS)[None])
    state = units.state(at.indices, _POINTS)
    parts = at.linearise(state, _start_values(equation))
    sizes = residual_sizes(equation, equation.residual, at.points, units, equation.coefficients)
    found = {}
    for number, (name, value) in enumerate(equation.coefficients.items()):
        slopes = torch.stack([part.by_coefficient[number] for part in parts])
        share = float((_mean_square(slopes, 1).sqrt() / sizes).amax())
        found[name] = abs(value) if value else 1 / share if 0 < share < math.inf else 1.0
    return found


def term_sizes(
    at: PointwiseResidual, fields: Tensor, means: Tensor, coefficients: Mapping[str, float]
) -> Tensor:
    """Root mean squares of the terms of a residual, linearised: for each unknown that of its largest.

    Args:
        at: The residual on its points.
        fields: A state of the unknowns, as `PointwiseResidual.evaluate` takes it.
        means: What the unknowns differ from by their deviations.
        coefficients: Values of the unknown coefficients.

    Returns:
        Shape (parts, unknowns).
    """
    values = {name: torch.tensor(value, dtype=torch.float64) for name, value in coefficients.items()}
    deviations = fields.clone()
    deviations[0] -= means
    parts = at.linearise(fields, values)
    return torch.stack([_mean_square(part.slopes * deviations, 1).sqrt().amax(0) for part in parts])


def _mean_square(numbers: Tensor, dim: int) -> Tensor:
    """Of those that are numbers: a typical state may be outside the domain of a logarithm."""
    known = ~numbers.isnan()
    return torch.where(known, numbers, 0.0).square().sum(dim) / known.sum(dim).clamp_min(1)


def _prescribed_values(equation: Equation) -> tuple[Tensor, Tensor]:
    """Mean and deviation of the values that are given for each unknown; zeros where none are."""
    values: list[list[Tensor]] = [[] for _ in equation.unknowns]
    for name, ansatz in equation.hard.items():
        values[equation.unknowns.index(name)].append(_kept_values(equation.domain, ansatz))
    for condition in equation.conditions:
        at = PointwiseResidual(equation, condition.residual, condition.points(equation.domain, _POINTS))
        if at.indices == ((),) and len(at.points) == 1:
            for unknown, part in _solved_for_values(at):
                values[unknown].append(part)
    found = [_mean_and_deviation(torch.cat(parts)) if parts else (0.0, 0.0) for parts in values]
    means, deviations = zip(*found, strict=True)
    return torch.tensor(means, dtype=torch.float64), torch.tensor(deviations, dtype=torch.float64)


def _kept_values(domain: Box, ansatz: Ansatz) -> Tensor:
    """The values of an ansatz on the faces where it prescribes them; all of its lift if there are none."""
    faces = [(name, end) for name in domain.names for end in ("low", "high")]
    points = torch.cat([domain.sample_face(face, _POINTS) for face in faces])
    inside = _numbers(ansatz.distance, domain.sample(_POINTS), domain).abs().max()
    distance = _numbers(ansatz.distance, points, domain).abs()
    kept = points[distance <= _ROUNDING * inside]
    chosen = kept if len(kept) else domain.sample(_POINTS)
    return _numbers(ansatz.lift, chosen, domain)


def _numbers(function: Function, points: Tensor, domain: Box) -> Tensor:
    value = function(Points(points, domain.names)).detach()
    return per_point(value, len(points), "Ansatz: a lift or distance")


def _mean_and_deviation(values: Tensor) -> tuple[float, float]:
    values = values[values.isfinite()].to(torch.float64)
    if not len(values):
        return 0.0, 0.0
    deviation = float(values.std(correction=0))
    return float(values.mean()), deviation if deviation > _ROUNDING * float(values.abs().amax()) else 0.0


def _solved_for_values(at: PointwiseResidual) -> Iterator[tuple[int, Tensor]]:
    """Unknowns with the values at which a condition on one of them holds, to first order."""
    fields = torch.zeros(1, at.points.shape[1], len(at.equation.unknowns), dtype=torch.float64)
    for part in at.linearise(fields, _start_values(at.equation)):
        involved = (part.slopes[0] != 0).any(0).nonzero()[:, 0].tolist()
        if len(involved) == 1:
            yield involved[0], -part.value / part.slopes[0, :, involved[0]]


def _balancing(at: PointwiseResidual, units: Units) -> Tensor:
    """For each unknown the amplitude at which its largest term is as large as all the rest of a residual.

    The smallest over the parts of the residual, as no term can be larger than the rest; 0 where there is no rest.
    """
    batch, values = at.points.shape[1], _start_values(at.equation)
    found = []
    for unknown in range(len(units.means)):
        chosen = torch.arange(len(units.means)) == unknown
        rest = units.state(at.indices, batch, torch.where(chosen, 0.0, units.amplitudes))
        own = units.state(at.indices, batch, chosen.to(torch.float64))
        own[0] -= units.means
        sizes = _SizesByDecade(at, rest, own, values)
        left = [_beyond_rounding(part, rest) for part in at.linearise(rest, values)]
        balances = [_crossing(partial(sizes, part), size) for part, size in enumerate(left)]
        found.append(min((amplitude for amplitude in balances if amplitude > 0), default=0.0))
    return torch.tensor(found, dtype=torch.float64)


def _beyond_rounding(part: Linearised, fields: Tensor) -> float:
    """Root mean square of a residual; 0 where its terms cancel."""
    size = float(_mean_square(part.value, 0).sqrt())
    terms = float(_mean_square(part.slopes * fields, 1).amax().sqrt())
    return size if size > _ROUNDING * terms else 0.0


class _SizesByDecade:
    """Sizes of the largest terms of one unknown, by the logarithm of its amplitude."""

    def __init__(
        self, at: PointwiseResidual, rest: Tensor, own: Tensor, values: Mapping[str, Tensor]
    ) -> None:
        self._at, self._rest, self._own, self._values = at, rest, own, values
        self._known: dict[int, list[float]] = {}

    def __call__(self, part: int, decade: int) -> float:
        if decade not in self._known:
            own = 10.0**decade * self._own
            parts = self._at.linearise(self._rest + own, self._values)
            terms = torch.stack([_mean_square(part.slopes * own, 1).amax((0, 1)) for part in parts])
            self._known[decade] = terms.sqrt().tolist()
        return self._known[decade][part]


def _crossing(size: Callable[[int], float], wanted: float) -> float:
    """The amplitude at which a term that grows with it has the size that is wanted; 0 if at none."""
    low, high = -_DECADES, _DECADES
    if not (wanted > 0 and size(low) < wanted <= size(high)):
        return 0.0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if size(middle) >= wanted else (middle, high)
    below, above = size(low), size(high)
    share = math.log(wanted / below) / math.log(above / below) if 0 < below < above < math.inf else 0.5
    return float(10.0 ** (low + share))


def _start_values(equation: Equation) -> dict[str, Tensor]:
    return {name: torch.tensor(value, dtype=torch.float64) for name, value in equation.coefficients.items()}
