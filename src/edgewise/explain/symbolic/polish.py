"""Fine stage of the search: Levenberg-Marquardt in (a, b), with c and d by variable projection."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ...functions.function import Function
from .ladders import inside

_CHUNK = 2_000_000  # numbers in one temporary
_SMALLEST_SLOPE, _LARGEST = 1e-3, 1e5  # of a and b in standard units
_LARGEST_FACTOR, _LARGEST_TERM = 1e12, 1e8  # of c and c f; beyond, c f + d is a difference of large numbers


@dataclass(frozen=True)
class Fit:
    """Fits of c f(a u + b) + d: `ab` and `cd` (P, 2), `lost` (P,) = residual over total sum of squares."""

    ab: Tensor
    cd: Tensor
    lost: Tensor


def polish(function: Function, ab: Tensor, u: Tensor, v: Tensor, steps: int) -> Fit:
    """Improve many fits of one function at once until nothing is gained.

    Args:
        function: The function fitted.
        ab: Starting values (P, 2); NaN rows come back as fits that explain nothing.
        u: Inputs in [-1, 1] (P, B).
        v: Outputs (P, B), of variance about 1.
        steps: Largest number of Levenberg-Marquardt steps.

    Returns:
        The fits; `lost` is 1 where the function is not defined at the starting value.

    Source:
        Golub and Pereyra (1973), with Kaufman's (1975) simplified Jacobian.
    """
    size = max(1, _CHUNK // u.shape[1])
    parts = [
        _polish(function, *part, steps)
        for part in zip(ab.split(size), u.split(size), v.split(size), strict=True)
    ]
    return Fit(*(torch.cat([getattr(part, name) for part in parts]) for name in ("ab", "cd", "lost")))


def project(function: Function, ab: Tensor, u: Tensor, v: Tensor) -> Fit:
    """Solve for c and d alone at given (a, b)."""
    shape = function.fn(ab[:, :1] * u + ab[:, 1:])
    largest = shape.abs().amax(1)
    mean, target_mean = shape.mean(1, keepdim=True), v.mean(1, keepdim=True)
    shape, target = shape - mean, v - target_mean
    square = shape.square().sum(1)
    c = (shape * target).sum(1) / square.clamp_min(1e-300)
    residual = (target - c[:, None] * shape).square().sum(1)
    lost = residual / target.square().sum(1).clamp_min(1e-300)
    known = torch.isfinite(lost) & (c.abs() <= _LARGEST_FACTOR) & (c.abs() * largest <= _LARGEST_TERM)
    known &= lost <= 1
    lost, c = torch.where(known, lost, 1.0), torch.where(known, c, 0.0)
    d = target_mean[:, 0] - torch.where(known, c * mean[:, 0], 0.0)
    return Fit(ab, torch.stack([c, d], 1), lost)


def _polish(function: Function, ab: Tensor, u: Tensor, v: Tensor, steps: int) -> Fit:
    free = _free(function)
    fit = project(function, ab, u, v)
    ab, lost = fit.ab.clone(), fit.lost.clone()
    damping = torch.full_like(lost, 1e-3)
    stalled = torch.zeros_like(lost, dtype=torch.long)
    active = (lost < 1).nonzero()[:, 0]
    for _ in range(steps):
        if len(active) == 0:
            break
        here, uu, vv = ab[active], u[active], v[active]
        step = _step(function, here, uu, vv, damping[active], free)
        trial = here + step
        allowed = _allowed(function, trial)
        new = project(function, torch.where(allowed[:, None], trial, here), uu, vv).lost
        better = allowed & (new < lost[active])
        gain = torch.where(better, 1 - new / lost[active].clamp_min(1e-300), 0.0)
        ab[active] = torch.where(better[:, None], trial, here)
        lost[active] = torch.where(better, new, lost[active])
        damping[active] = torch.where(better, damping[active] / 8, damping[active] * 8).clamp(1e-10, 1e12)
        stalled[active] = torch.where(gain > 1e-4, 0, stalled[active] + 1)
        tiny = step.abs().amax(1) <= 1e-15 * here.abs().amax(1)
        done = (stalled[active] >= 6) | (lost[active] < 1e-31) | tiny
        active = active[~done]
    return project(function, ab, u, v)


def _free(function: Function) -> Tensor:
    """Which of a and b are not already covered by c and d."""
    which = {"power": (0.0, 1.0), "log": (0.0, 1.0), "exp": (1.0, 0.0)}
    return torch.tensor(which.get(function.kind, (1.0, 1.0)), dtype=torch.float64)


def _allowed(function: Function, ab: Tensor) -> Tensor:
    a, b = ab[:, 0], ab[:, 1]
    within = (a.abs() >= _SMALLEST_SLOPE) & (a.abs() <= _LARGEST) & (b.abs() <= _LARGEST)
    return within & inside(function, a, b)


def _step(function: Function, ab: Tensor, u: Tensor, v: Tensor, damping: Tensor, free: Tensor) -> Tensor:
    """Damped Gauss-Newton step in (a, b) on what c and d leave unexplained."""
    with torch.enable_grad():
        argument = (ab[:, :1] * u + ab[:, 1:]).requires_grad_()
        shape = function.fn(argument)
        (slope,) = torch.autograd.grad(shape.sum(), argument)
    shape = shape.detach()
    slope = torch.where(torch.isfinite(slope), slope, 0.0)
    shape = shape - shape.mean(1, keepdim=True)
    square = shape.square().sum(1, keepdim=True).clamp_min(1e-300)
    target = v - v.mean(1, keepdim=True)
    c = (shape * target).sum(1, keepdim=True) / square
    residual = target - c * shape
    columns = torch.stack([c * slope * u, c * slope], 1) * free[:, None]
    columns = columns - columns.mean(2, keepdim=True)
    columns = columns - shape[:, None] * ((columns @ shape[:, :, None]) / square[:, :, None])
    normal = columns @ columns.transpose(1, 2)
    right = (columns @ residual[:, :, None])[:, :, 0]
    diagonal = torch.diagonal(normal, dim1=1, dim2=2)
    diagonal = diagonal * (1 + damping[:, None]) + (1 - free) + 1e-300
    cross = normal[:, 0, 1]
    det = diagonal[:, 0] * diagonal[:, 1] - cross * cross
    step = (
        torch.stack(
            [
                diagonal[:, 1] * right[:, 0] - cross * right[:, 1],
                diagonal[:, 0] * right[:, 1] - cross * right[:, 0],
            ],
            1,
        )
        / torch.where(det.abs() > 0, det, 1.0)[:, None]
    )
    return torch.where(torch.isfinite(step), step, 0.0) * free
