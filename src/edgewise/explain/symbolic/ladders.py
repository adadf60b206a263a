"""Starting values (a, b) for the search of f(a u + b) over u in [-1, 1], by kind of function."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ...functions.function import Function

_INF = math.inf


def ladder(function: Function, samples: int) -> tuple[Tensor, Tensor]:
    """List starting values (a, b) that cover every shape `function` can take on [-1, 1].

    Args:
        function: The function; its kind says which of a and b matter.
        samples: How many samples the data has; it bounds the highest frequency.

    Returns:
        Tensor (C, 2) of pairs, each with a u + b inside the function's domain for all u in [-1, 1], and
        tensor (C,) of group numbers: neighbouring pairs share one, and groups are in order of similarity.
    """
    if function.kind in ("power", "log"):
        pairs, groups = _shifts(function)
    elif function.kind == "exp":
        rates = torch.logspace(math.log10(0.02), math.log10(60.0), 40, dtype=torch.float64)
        rates = torch.cat([-rates.flip(0), rates])
        pairs, groups = torch.stack([rates, torch.zeros_like(rates)], 1), torch.arange(len(rates))
    else:
        parts = [_full(function, low, high, samples) for low, high in function.domain[:3]]
        pairs = torch.cat([part[0] for part in parts])
        offsets = [100_000 * number for number in range(len(parts))]
        groups = torch.cat([part[1] + offset for part, offset in zip(parts, offsets, strict=True)])
    valid = inside(function, pairs[:, 0], pairs[:, 1])
    return pairs[valid], groups[valid]


def inside(function: Function, a: Tensor, b: Tensor) -> Tensor:
    """Tell for which (a, b) the arguments a u + b, u in [-1, 1], stay in one interval of the domain."""
    low, high = b - a.abs(), b + a.abs()
    slack = 1e-15 * (a.abs() + b.abs())
    valid = torch.zeros_like(a, dtype=torch.bool)
    for start, end in function.domain:
        valid |= (low >= start - slack) & (high <= end + slack)
    return valid


def _shifts(function: Function) -> tuple[Tensor, Tensor]:
    """Shifts inside the data range, at its ends, and outside from 1e-6 to 100 ranges away."""
    within = torch.linspace(-1, 1, 41, dtype=torch.float64)
    beyond = 1 + torch.logspace(-6, math.log10(200.0), 42, dtype=torch.float64)
    shifts = torch.cat([-beyond.flip(0), within, beyond])
    kinds = torch.cat([torch.full_like(beyond, 0), torch.full_like(within, 1), torch.full_like(beyond, 2)])
    signs = [1.0] if any(low < 0 for low, _ in function.domain) else [1.0, -1.0]
    pairs = torch.cat([torch.stack([torch.full_like(shifts, s), -s * shifts], 1) for s in signs])
    groups = torch.cat([kinds.long() + 3 * number for number in range(len(signs))])
    return pairs, groups


def _full(function: Function, low: float, high: float, samples: int) -> tuple[Tensor, Tensor]:
    if low > -_INF or high < _INF:
        return _bounded(low, high)
    if oscillates(function):
        fastest = min(64.0, max(math.pi, math.pi * samples / 4))
        slopes = torch.cat([torch.logspace(-1, 0, 6), torch.arange(1.35, fastest, 0.6)]).double()
    else:
        slopes = torch.logspace(-1, math.log10(60.0), 24, dtype=torch.float64)
    signs = [1.0] if _mirrored(function) else [1.0, -1.0]
    pairs, groups = [], []
    for sign in signs:
        for rank, slope in enumerate(slopes.tolist()):
            reach = 1 + 4 / slope
            count = max(9, math.ceil(2 * reach * slope / 0.7))
            centres = torch.linspace(-reach, reach, count, dtype=torch.float64)
            pairs.append(torch.stack([torch.full_like(centres, sign * slope), -sign * slope * centres], 1))
            # One row of groups for each side of the data that the centre of the function can be on.
            side = (centres > 1.2).long() - (centres < -1.2).long() + (4 if sign > 0 else 1)
            groups.append(rank + 2 * len(slopes) * side)
    return torch.cat(pairs), torch.cat(groups)


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


def oscillates(function: Function) -> bool:
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
