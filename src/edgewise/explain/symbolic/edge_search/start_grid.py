"""Starting values (a, b) for the search of f(a u + b) over u in [-1, 1], by kind of function."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import torch
from torch import Tensor

from ....functions import Function, Interval

_INF = math.inf
_SLOPES = (torch.logspace(-1, math.log10(60.0), 24, dtype=torch.float64), 0.7)


@dataclass(frozen=True)
class Family:
    """What the starting values of a function depend on: functions of one family share them.

    Attributes:
        kind: "shift" where only the shift matters, "rate" where only the rate does, "both" otherwise.
        domain: The functions' domain.
        oscillates: Whether the functions keep turning; those of whose shape only parts fit on the data.
        mirrored: Whether the sign of a does not matter.
    """

    kind: Literal["shift", "rate", "both"]
    domain: tuple[Interval, ...]
    oscillates: bool = False
    mirrored: bool = False

    @classmethod
    def of(cls, function: Function) -> Family:
        """The family of a function."""
        if function.kind in ("power", "log"):
            return cls("shift", function.domain)
        if function.kind == "exp":
            return cls("rate", function.domain)
        bounded = all(low > -_INF or high < _INF for low, high in function.domain)
        if bounded:
            return cls("both", function.domain)
        return cls("both", function.domain, _oscillates(function), _mirrored(function))


@lru_cache(maxsize=64)
def start_grid(family: Family, samples: int) -> tuple[Tensor, Tensor]:
    """List starting values (a, b) that cover every shape the functions of a family can take on [-1, 1].

    Args:
        family: The functions' family.
        samples: How many samples the data has; it bounds the highest frequency.

    Returns:
        Tensor (C, 2) of pairs, each with a u + b inside the domain for all u in [-1, 1], and tensor (C,) of
        group numbers: neighbouring pairs share one, and groups are in order of similarity.
    """
    if family.kind == "shift":
        pairs, groups = _shifts(family.domain)
    elif family.kind == "rate":
        rates = torch.logspace(math.log10(0.02), math.log10(60.0), 40, dtype=torch.float64)
        rates = torch.cat([-rates.flip(0), rates])
        pairs, groups = torch.stack([rates, torch.zeros_like(rates)], 1), torch.arange(len(rates))
    else:
        parts = [_interval(family, low, high, samples) for low, high in family.domain[:3]]
        pairs = torch.cat([part[0] for part in parts])
        groups = torch.cat([part[1] + 100_000 * number for number, part in enumerate(parts)])
    valid = _inside(family.domain, pairs[:, 0], pairs[:, 1])
    return pairs[valid], groups[valid]


def _inside(domain: tuple[Interval, ...], a: Tensor, b: Tensor) -> Tensor:
    """Tell for which (a, b) the arguments a u + b, u in [-1, 1], stay in one interval of the domain."""
    low, high = b - a.abs(), b + a.abs()
    slack = 1e-15 * (a.abs() + b.abs())
    valid = torch.zeros_like(a, dtype=torch.bool)
    for start, end in domain:
        valid |= (low >= start - slack) & (high <= end + slack)
    return valid


def _shifts(domain: tuple[Interval, ...]) -> tuple[Tensor, Tensor]:
    """Shifts inside the data range, at its ends, and outside from 1e-6 to 100 ranges away."""
    within = torch.linspace(-1, 1, 41, dtype=torch.float64)
    beyond = 1 + torch.logspace(-6, math.log10(200.0), 42, dtype=torch.float64)
    shifts = torch.cat([-beyond.flip(0), within, beyond])
    kinds = torch.cat([torch.full_like(beyond, 0), torch.full_like(within, 1), torch.full_like(beyond, 2)])
    signs = [1.0] if any(low < 0 for low, _ in domain) else [1.0, -1.0]
    pairs = torch.cat([torch.stack([torch.full_like(shifts, s), -s * shifts], 1) for s in signs])
    groups = torch.cat([kinds.long() + 3 * number for number in range(len(signs))])
    return pairs, groups


def _interval(family: Family, low: float, high: float, samples: int) -> tuple[Tensor, Tensor]:
    if low > -_INF or high < _INF:
        return _bounded(low, high)
    pairs, groups = _unbounded(*(_waves(samples) if family.oscillates else _SLOPES))
    if family.mirrored:
        return pairs, groups
    return torch.cat([pairs, -pairs]), torch.cat([groups, groups + 10_000])


def _waves(samples: int) -> tuple[Tensor, float]:
    """Slopes up to the samples' Nyquist rate, half a turn apart or less, and the step of the argument."""
    fastest = min(64.0, max(math.pi, math.pi * samples / 4))
    return torch.cat([torch.logspace(-1, 0, 5), torch.arange(1.5, fastest)]).double(), 1.0


def _unbounded(slopes: Tensor, step: float) -> tuple[Tensor, Tensor]:
    """All slopes with centres on and beside the data, `step` apart in units of the argument."""
    reach = 1 + 4 / slopes
    counts = (2 * reach * slopes / step).ceil().clamp_min(9).long()
    rank = torch.arange(len(slopes)).repeat_interleave(counts)
    place = torch.arange(len(rank)) - (counts.cumsum(0) - counts)[rank]
    centres = reach[rank] * (2 * place / (counts[rank] - 1) - 1)
    pairs = torch.stack([slopes[rank], -slopes[rank] * centres], 1)
    # One row of groups for each side of the data that the centre of the function can be on.
    side = (centres > 1.2).long() - (centres < -1.2).long() + 1
    return pairs, rank + 2 * len(slopes) * side


def _bounded(low: float, high: float) -> tuple[Tensor, Tensor]:
    """Argument ranges [p, q] of all sizes inside an interval with at least one end."""
    if low == -_INF:
        pairs, groups = _bounded(-high, _INF)
        return -pairs, groups
    if high == _INF:
        starts = low + torch.logspace(-6, 1.5, 24, dtype=torch.float64)
        lengths = torch.logspace(-2, 2, 24, dtype=torch.float64)
        p = starts[:, None].expand(24, 24).reshape(-1)
        q = p + lengths[None, :].expand(24, 24).reshape(-1)
    else:
        gaps = torch.tensor(
            [0, 1e-6, 1e-4, 1e-3, 0.01, 0.03, 0.06, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]
        )
        gaps = gaps.double() * (high - low)
        left, right = torch.meshgrid(gaps, gaps, indexing="ij")
        p, q = (low + left).reshape(-1), (high - right).reshape(-1)
        fits = q - p > 0.02 * (high - low)
        p, q = p[fits], q[fits]
    half, centre = (q - p) / 2, (p + q) / 2
    pairs = torch.cat([torch.stack([half, centre], 1), torch.stack([-half, centre], 1)])
    groups = torch.cat([torch.zeros(len(p)), torch.ones(len(p))]).long()
    return pairs, groups


def is_step(function: Function) -> bool:
    """Tell whether the function is flat but for a jump at 0, so that no slope leads to the best shift."""
    points = torch.tensor([-2.0, -1.0, 1.0, 2.0], dtype=torch.float64)
    values = function.fn(points).tolist()
    return bool(values[0] == values[1] != values[2] == values[3])


def _oscillates(function: Function) -> bool:
    """Tell whether the function turns more than four times on [-64, 64]."""
    values = function.fn(torch.linspace(-64, 64, 2048, dtype=torch.float64))
    slope = torch.diff(values[torch.isfinite(values)])
    slope = slope[slope.abs() > 1e-9 * values[torch.isfinite(values)].abs().max()]
    return int((slope[1:] * slope[:-1] < 0).sum()) > 4


def _mirrored(function: Function) -> bool:
    """Tell whether f(-t) is an affine function of f(t), so that the sign of a does not matter."""
    points = torch.linspace(-6.3, 5.1, 301, dtype=torch.float64)
    there, back = function.fn(points), function.fn(-points)
    known = torch.isfinite(there) & torch.isfinite(back)
    there, back = there[known], back[known]
    if len(there) < 10:
        return False
    return bool(torch.corrcoef(torch.stack([there, back]))[0, 1].abs() > 1 - 1e-12)
