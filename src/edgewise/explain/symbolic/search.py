"""Search of c f(a x + b) + d for many edges and many functions at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ...errors import InputError
from ...functions.function import Function
from .coarse import starts
from .ladders import oscillates
from .polish import Fit, polish, project
from .samples import Samples, standardise

_QUICK_POINTS = 200
_QUICK_STEPS = 12


@dataclass(frozen=True)
class SearchResult:
    """The best c f(a x + b) + d of every function for every edge.

    Attributes:
        functions: The functions, in the order of the second dimension below.
        affine: The constants a, b, c, d (E, F, 4) in units of x and y; NaN where a function cannot be used.
        lost: Share of the edge's variance that the fit leaves (E, F): 0 is exact, 1 is no better than a constant.
        rms: Root-mean-square residual (E, F) in units of y.
    """

    functions: tuple[Function, ...]
    affine: Tensor
    lost: Tensor
    rms: Tensor

    @property
    def r2(self) -> Tensor:
        """Coefficient of determination (E, F): 1 - lost."""
        return 1 - self.lost


def search(
    x: Tensor, y: Tensor, functions: Sequence[Function], *, n_points: int = 2000, beam: int = 3
) -> SearchResult:
    """Fit c f(a x + b) + d to every edge with every function.

    Starting values are scaled to the range of each edge's inputs (no range is given by hand): shifts to
    poles, rates, slopes, and frequencies up to the Nyquist rate of the samples are compared by their squared
    correlation with the samples, and the best few are polished by Levenberg-Marquardt until rounding. A
    function is used only where it is defined on the whole input range. The result does not depend on the
    scale or offset of x or y.

    Args:
        x: Inputs (B, E), a column per edge.
        y: Outputs (B, E).
        functions: The functions to try.
        n_points: Samples used per edge; more are thinned evenly by rank.
        beam: Starting values polished per edge and function.

    Returns:
        The constants and residuals, in float64.

    Raises:
        ShapeError: When x and y are not matrices of one shape.
        InputError: When a value is not finite, or no function is given.

    Example:
        >>> import torch
        >>> from edgewise.functions import LIBRARY
        >>> x = torch.linspace(0, 2, 100, dtype=torch.float64)[:, None]
        >>> found = search(x, 3 * torch.sin(5 * x + 1) - 2, [LIBRARY["sin"], LIBRARY["x^2"]])
        >>> a, b, c, d = found.affine[0, 0].tolist()
        >>> round(a, 6), round(b % (2 * torch.pi), 6), round(c, 6), round(d, 6)
        (5.0, 1.0, 3.0, -2.0)
        >>> bool(found.r2[0, 0] > found.r2[0, 1])
        True

    Cost: about n_points * len(functions) * E * 500 function values.
    """
    if len(functions) == 0:
        raise InputError("search: functions must name at least one function; got none. Leave it out for all.")
    samples = standardise(x, y, n_points)
    columns = [_fit_function(function, samples, beam) for function in functions]
    affine = torch.stack([column[0] for column in columns], 1)
    lost = torch.stack([column[1] for column in columns], 1)
    spread = torch.where(samples.constant, 0.0, samples.scale)
    return SearchResult(tuple(functions), affine, lost, lost.sqrt() * spread[:, None])


def _fit_function(function: Function, samples: Samples, beam: int) -> tuple[Tensor, Tensor]:
    """Fit one function to all edges: (E, 4) constants and (E,) lost shares."""
    count = len(samples.mean)
    affine = torch.full((count, 4), torch.nan, dtype=torch.float64)
    lost = torch.ones(count, dtype=torch.float64)
    if function.kind == "zero":
        fill = torch.tensor([1.0, 0.0, 0.0], dtype=torch.float64).expand(count, 3)
        return torch.cat([fill, samples.mean[:, None]], 1), torch.where(samples.constant, 0.0, 1.0)
    edges = samples.varies.nonzero()[:, 0]
    if len(edges) == 0:
        return affine, lost
    fit = _best_fit(function, samples, edges, beam)
    usable = fit.lost < 1
    edges, ab, cd = edges[usable], fit.ab[usable], fit.cd[usable]
    affine[edges] = _in_data_units(function, samples, edges, ab, cd)
    lost[edges] = fit.lost[usable]
    return affine, lost


def _best_fit(function: Function, samples: Samples, edges: Tensor, beam: int) -> Fit:
    u, v = samples.rows(edges)
    if function.kind == "linear":
        return project(function, torch.tensor([[1.0, 0.0]], dtype=torch.float64).expand(len(edges), 2), u, v)
    if _is_step(function):
        return project(function, _best_split(u, v), u, v)
    beam = 2 * beam if function.kind == "full" and oscillates(function) else beam
    ab = starts(function, samples, edges, beam)
    thin = (
        torch.linspace(0, u.shape[1] - 1, min(u.shape[1], _QUICK_POINTS), dtype=torch.float64).round().long()
    )
    few_u, few_v = (part[:, thin].repeat_interleave(beam, 0) for part in (u, v))
    quick = polish(function, ab.reshape(-1, 2), few_u, few_v, _QUICK_STEPS)
    best = quick.lost.reshape(-1, beam).argmin(1)
    chosen = quick.ab.reshape(-1, beam, 2)[torch.arange(len(edges)), best]
    return polish(function, chosen, u, v, 60)


def _is_step(function: Function) -> bool:
    """Tell whether the function is flat but for a jump at 0, so that no slope leads to the best shift."""
    points = torch.tensor([-2.0, -1.0, 1.0, 2.0], dtype=torch.float64)
    values = function.fn(points)
    return bool(values[0] == values[1] and values[2] == values[3] and values[1] != values[2])


def _best_split(u: Tensor, v: Tensor) -> Tensor:
    """Shift (a, b) of a step that splits the sorted samples with the largest variance between the parts."""
    number = torch.arange(1, u.shape[1], dtype=u.dtype)
    left = (v - v.mean(1, keepdim=True)).cumsum(1)[:, :-1]
    between = left.square() / (number * (u.shape[1] - number))
    between = torch.where(u[:, 1:] > u[:, :-1], between, -1.0)
    at = between.argmax(1, keepdim=True)
    shift = (u.gather(1, at) + u.gather(1, at + 1)) / 2
    return torch.cat([torch.ones_like(shift), -shift], 1)


def _in_data_units(function: Function, samples: Samples, edges: Tensor, ab: Tensor, cd: Tensor) -> Tensor:
    """Turn constants for u and v into constants for x and y, with a = 1 or -1 where c can take its place."""
    a, b = samples.in_units_of_x(ab[:, 0], ab[:, 1], edges)
    c, d = cd[:, 0], cd[:, 1]
    if function.kind in ("linear", "power", "log"):
        # f(k t) = c' f(t) + d': with a = 1 or -1 the shift reads as a number in units of x.
        factor = torch.where((a.abs() > 1e-2) & (a.abs() < 1e2), a.abs(), 1.0)
        ends = torch.tensor([1.0, 2.0], dtype=torch.float64)
        scaled, plain = function.fn(factor[:, None] * ends), function.fn(ends)
        rise = plain[1] - plain[0]
        slope = (scaled[:, 1] - scaled[:, 0]) / rise if rise != 0 else torch.ones_like(factor)
        a, b, c, d = a / factor, b / factor, c * slope, d + c * (scaled[:, 0] - slope * plain[0])
    if function.kind == "exp":
        # The shift is a factor; it stays only where taking it out could overflow.
        shift = torch.where(b.abs() < 50, b, 0.0)
        b, c = b - shift, c * function.fn(shift) / function.fn(torch.zeros_like(shift))
    scale, mean = samples.scale[edges], samples.mean[edges]
    return torch.stack([a, b, c * scale, d * scale + mean], 1)
