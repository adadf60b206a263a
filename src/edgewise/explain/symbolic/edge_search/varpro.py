"""Fine layer of the search: Levenberg-Marquardt in (a, b), with c and d by variable projection."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ....functions import Function
from .evaluation import Evaluation, Groups, Target, evaluate
from .start_grid import is_step

_CHUNK = 400_000  # numbers in one temporary: they are to stay in the cache
_SMALLEST_SLOPE, _LARGEST = 1e-3, 1e5  # of a and b in standard units
_PATIENCE, _GAIN = 6, 1e-3
_FREE = {"linear": (0.0, 0.0), "power": (0.0, 1.0), "log": (0.0, 1.0), "exp": (1.0, 0.0)}


@dataclass(frozen=True)
class Starts:
    """Starting values of P fits.

    Attributes:
        function: Number of each fit's function (P,), ascending.
        edge: Number of its edge (P,).
        ab: Constants a and b (P, 2); a fit that starts at NaN explains nothing.
    """

    function: Tensor
    edge: Tensor
    ab: Tensor

    def split(self, size: int) -> list[Starts]:
        """Parts of at most `size` fits."""
        columns = zip(self.function.split(size), self.edge.split(size), self.ab.split(size), strict=True)
        return [Starts(*part) for part in columns]


@dataclass(frozen=True)
class Fit:
    """Fits of c f(a u + b) + d: `ab` and `cd` (P, 2), `unexplained` (P,) = residual over total sum of squares."""

    ab: Tensor
    cd: Tensor
    unexplained: Tensor


def varpro(
    functions: Sequence[Function],
    starts: Starts,
    u: Tensor,
    v: Tensor,
    steps: int,
    *,
    frozen: Tensor | None = None,
) -> Fit:
    """Improve many fits of many functions to many edges at once until little is gained.

    Args:
        functions: The functions, by number.
        starts: Where to start.
        u: Inputs in [-1, 1] of each edge (E, B).
        v: Outputs of each edge (E, B), of variance about 1.
        steps: Largest number of Levenberg-Marquardt steps.
        frozen: Fits (P,) that keep their a and b.

    Returns:
        The fits; `unexplained` is 1 where a function is not defined at the starting value.
    """
    target, limits = Target.of(u, v), _Limits.of(functions)
    frozen = torch.zeros_like(starts.edge, dtype=torch.bool) if frozen is None else frozen
    size = max(1, _CHUNK // u.shape[1])
    parts = []
    for part, fixed in zip(starts.split(size), frozen.split(size), strict=True):
        count = len(part.ab)
        work = _FitsInProgress(
            place=torch.arange(count),
            function=part.function,
            target=target.rows(part.edge),
            limits=limits.rows(part.function),
            ab=part.ab,
            evaluation=Evaluation(part.ab.new_empty(0, 9)),
            damping=torch.full((count,), 1e-3, dtype=torch.float64),
            stalled=torch.zeros(count, dtype=torch.long),
        )
        parts.append(_varpro(functions, work, fixed, steps))
    return Fit(*(torch.cat([getattr(part, name) for part in parts]) for name in ("ab", "cd", "unexplained")))


@dataclass(frozen=True)
class _Limits:
    """What each fit allows.

    Attributes:
        free: 1 or 0 for each term of the normal equations (P, 6), for which of a and b may change.
        low: Low ends of the intervals on which the function is defined (P, n).
        high: Their high ends.
    """

    free: Tensor
    low: Tensor
    high: Tensor

    @classmethod
    def of(cls, functions: Sequence[Function]) -> _Limits:
        """One row per function."""
        pairs = [(0.0, 0.0) if is_step(f) else _FREE.get(f.kind, (1.0, 1.0)) for f in functions]
        free = torch.tensor([(a, a * b, a, a * b, b, b) for a, b in pairs], dtype=torch.float64)
        width = max(len(f.domain) for f in functions)
        padded = [[*f.domain, *[(math.inf, -math.inf)] * (width - len(f.domain))] for f in functions]
        low, high = torch.tensor(padded, dtype=torch.float64).unbind(2)
        return cls(free, low.clamp_min(-_LARGEST), high.clamp_max(_LARGEST))

    def rows(self, index: Tensor) -> _Limits:
        """Some of the rows, or some several times."""
        return _Limits(self.free[index], self.low[index], self.high[index])

    def allow(self, ab: Tensor) -> Tensor:
        """Where a u + b stays in one interval of the domain and |a| is not too small (P,)."""
        size, b = ab[:, :1].abs(), ab[:, 1:]
        within = (b - size >= self.low) & (b + size <= self.high) & (size >= _SMALLEST_SLOPE)
        return within.any(1)


@dataclass(frozen=True)
class _FitsInProgress:
    """Fits under way, with their samples; `place` is where each one goes in the end."""

    place: Tensor
    function: Tensor
    target: Target
    limits: _Limits
    ab: Tensor
    evaluation: Evaluation
    damping: Tensor
    stalled: Tensor

    def rows(self, index: Tensor) -> _FitsInProgress:
        """Some of the fits."""
        return _FitsInProgress(
            self.place[index],
            self.function[index],
            self.target.rows(index),
            self.limits.rows(index),
            self.ab[index],
            Evaluation(self.evaluation.table[index]),
            self.damping[index],
            self.stalled[index],
        )


def _varpro(functions: Sequence[Function], work: _FitsInProgress, frozen: Tensor, steps: int) -> Fit:
    groups = Groups.of(functions, work.function)
    work = replace(work, evaluation=evaluate(groups, work.ab, work.target))
    fit = Fit(*(tensor.clone() for tensor in (work.ab, work.evaluation.cd, work.evaluation.unexplained)))
    done = frozen | (work.evaluation.unexplained >= 1) | (work.limits.free.sum(1) == 0)
    for _ in range(steps):
        left = int((~done).sum())
        # Fits that are done stand frozen; they are taken out when there are enough of them.
        if left < 0.8 * len(done):
            _store(fit, work)
            work, done = work.rows((~done).nonzero()[:, 0]), done.new_zeros(left)
            groups = Groups.of(functions, work.function)
        if not left:
            break
        work, done = _step(groups, work, done)
    _store(fit, work)
    return fit


def _store(fit: Fit, work: _FitsInProgress) -> None:
    fit.ab[work.place], fit.cd[work.place], fit.unexplained[work.place] = (
        work.ab,
        work.evaluation.cd,
        work.evaluation.unexplained,
    )


def _step(groups: Groups, work: _FitsInProgress, done: Tensor) -> tuple[_FitsInProgress, Tensor]:
    """Try one damped Gauss-Newton step on every fit; tell which of them are done."""
    trial = work.ab + _damped(work.evaluation, work.damping, work.limits.free)
    allowed = work.limits.allow(trial) & ~done
    trial = torch.where(allowed[:, None], trial, work.ab)
    new = evaluate(groups, trial, work.target)
    unexplained = work.evaluation.unexplained
    better = allowed & (new.unexplained < unexplained)
    gained = better & (new.unexplained < (1 - _GAIN) * unexplained)
    # A small gain says more than a step that was too long: the next one will be smaller frozen.
    stalled = (work.stalled + 1 + better).masked_fill_(gained, 0)
    damping = torch.where(better, work.damping / 8, work.damping * 8).clamp_(1e-10, 1e12)
    kept = Evaluation(torch.where(better[:, None], new.table, work.evaluation.table))
    ab = torch.where(better[:, None], trial, work.ab)
    done = done | (stalled >= _PATIENCE) | (kept.unexplained < 1e-31)
    return replace(work, ab=ab, evaluation=kept, damping=damping, stalled=stalled), done


def _damped(at: Evaluation, damping: Tensor, free: Tensor) -> Tensor:
    """Solve the damped normal equations for the change of a and b (P, 2)."""
    aa, ab, ra, _, bb, rb = (at.normal * free).unbind(1)
    stiff = damping + 1
    aa, bb = (torch.where(entry > 0, entry * stiff, 1.0) for entry in (aa, bb))
    step = torch.stack([bb * ra - ab * rb, aa * rb - ab * ra], 1)
    step /= ((aa * bb - ab * ab) * at.table[:, 1])[:, None]
    return step.nan_to_num_(nan=0.0, posinf=0.0, neginf=0.0)
