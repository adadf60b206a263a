"""Variable projection at given (a, b): the best c and d, what they leave unexplained, and the normal equations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ....functions import Function

_LARGEST_FACTOR, _LARGEST_TERM = 1e12, 1e8  # of c and c f; beyond, c f + d is a difference of large numbers


@dataclass(frozen=True)
class Evaluation:
    """P fits at given (a, b), with the best c and d for each.

    Attributes:
        table: All numbers below in one tensor (P, 9), so that fits are picked in one go.
    """

    table: Tensor

    @property
    def unexplained(self) -> Tensor:
        """Residual over total sum of squares (P,); 1 where the function is not defined."""
        return self.table[:, 0]

    @property
    def cd(self) -> Tensor:
        """Constants c and d (P, 2)."""
        return self.table[:, 1:3]

    @property
    def normal(self) -> Tensor:
        """Normal equations of c a and c b, with c and d eliminated (P, 6): rows aa ab ra, ab bb rb."""
        return self.table[:, 3:]


@dataclass(frozen=True)
class Target:
    """Samples of P curves.

    Attributes:
        u: Inputs (P, B).
        v: Outputs less their mean (P, B).
        total: Sum of squares of v (P,).
        flat: The fit of a constant (P, 3): what it leaves, 1, then c and d.
    """

    u: Tensor
    v: Tensor
    total: Tensor
    flat: Tensor

    @classmethod
    def of(cls, u: Tensor, v: Tensor) -> Target:
        """From inputs and outputs (P, B)."""
        mean = v.mean(1)
        v = v - mean[:, None]
        flat = torch.stack([torch.ones_like(mean), torch.zeros_like(mean), mean], 1)
        return cls(u, v, torch.linalg.vecdot(v, v).clamp_min(1e-300), flat)

    def rows(self, index: Tensor) -> Target:
        """Some of the curves, or some several times."""
        return Target(self.u[index], self.v[index], self.total[index], self.flat[index])


@dataclass(frozen=True)
class Groups:
    """Functions of P rows, equal ones next to each other: (function, how many rows) each."""

    runs: tuple[tuple[Function, int], ...]

    @classmethod
    def of(cls, functions: Sequence[Function], number: Tensor) -> Groups:
        """Groups of rows from the number of each row's function (P,), ascending."""
        numbers, counts = torch.unique_consecutive(number, return_counts=True)
        pairs = zip(numbers.tolist(), counts.tolist(), strict=True)
        return cls(tuple((functions[n], count) for n, count in pairs))


def evaluate(groups: Groups, ab: Tensor, target: Target) -> Evaluation:
    """Solve for c and d at given (a, b), and gather the normal equations of a Gauss-Newton step.

    Args:
        groups: The functions of the rows.
        ab: Constants (P, 2).
        target: The curves, one per row.

    Source: Golub and Pereyra (1973), with Kaufman's (1975) simplified Jacobian.
    """
    columns = ab.new_empty(len(ab), 4, target.u.shape[1])  # f, u f', f', residual
    shape, moved, slope, residual = columns.unbind(1)
    _fill(groups, torch.addcmul(ab[:, 1:], ab[:, :1], target.u), shape, slope)
    torch.mul(slope, target.u, out=moved)
    mean = shape.mean(1)
    shape -= mean[:, None]
    square = torch.linalg.vecdot(shape, shape).clamp_min_(1e-300)
    c = torch.linalg.vecdot(shape, target.v) / square
    torch.addcmul(target.v, shape, c[:, None], value=-1, out=residual)
    unexplained = torch.linalg.vecdot(residual, residual) / target.total
    shift = c * mean
    known = (unexplained <= 1) & (c.abs() <= _LARGEST_FACTOR) & (shift.abs() <= _LARGEST_TERM)
    fit = torch.stack([unexplained, c, target.flat[:, 2] - shift], 1)
    fit = torch.where(known[:, None], fit, target.flat)
    return Evaluation(torch.cat([fit, _normal(columns, square)], 1))


def _fill(groups: Groups, argument: Tensor, values: Tensor, slopes: Tensor) -> None:
    """Write values and slopes of all functions, group by group."""
    found = []
    for (function, _), at in zip(
        groups.runs, argument.split([count for _, count in groups.runs]), strict=True
    ):
        if function.slope is None:
            found.append(_by_backward_pass(function, at))
        else:
            value = function.fn(at)
            found.append((value, function.slope(at, value)))
    torch.cat([value for value, _ in found], out=values)
    torch.cat([slope for _, slope in found], out=slopes)
    slopes.nan_to_num_(nan=0.0, posinf=0.0, neginf=0.0)


def _by_backward_pass(function: Function, at: Tensor) -> tuple[Tensor, Tensor]:
    with torch.enable_grad():
        at = at.detach().requires_grad_()
        value = function.fn(at)
        (slope,) = torch.autograd.grad(value.sum(), at)
    return value.detach(), slope


def _normal(columns: Tensor, square: Tensor) -> Tensor:
    """Normal equations (P, 6) from the columns f, u f', f', residual; the slopes are overwritten."""
    shape, slopes = columns[:, :1], columns[:, 1:3]
    # Where f is nearly a line, almost nothing is left of its slopes: products alone would lose it.
    slopes -= slopes.mean(2, keepdim=True)
    along = torch.linalg.vecdot(slopes, shape) / square[:, None]
    slopes.addcmul_(along[:, :, None], shape, value=-1)
    return (slopes @ columns[:, 1:].transpose(1, 2)).flatten(1)
