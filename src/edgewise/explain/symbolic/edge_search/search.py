"""Search of c f(a x + b) + d for many edges and many functions at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ...._tensors import even_places
from ....errors import InputError
from ....functions import Function
from .bins import bin_samples, uneven_points
from .grid_search import grid_starts
from .periodogram import sine_starts
from .samples import Samples, standardise
from .start_grid import Family, is_step
from .varpro import Fit, Starts, varpro

_QUICK_POINTS = 200
_QUICK_STEPS = 12
_STEPS = 60
_HOPELESS, _ROUNDING = 1e6, 1e-14  # a fit that leaves so much more than the best of its edge is not polished


@dataclass(frozen=True)
class SearchResult:
    """The best c f(a x + b) + d of every function for every edge.

    Attributes:
        functions: The functions, in the order of the second dimension below.
        affine: The constants a, b, c, d (E, F, 4) in units of x and y; NaN where a function cannot be used.
        unexplained: Share of the edge's variance that the fit leaves (E, F): 0 is exact, 1 is no better than a constant.
        rms: Root-mean-square residual (E, F) in units of y.
    """

    functions: tuple[Function, ...]
    affine: Tensor
    unexplained: Tensor
    rms: Tensor

    @property
    def r2(self) -> Tensor:
        """Coefficient of determination (E, F): 1 - unexplained."""
        return 1 - self.unexplained


def search(
    x: Tensor, y: Tensor, functions: Sequence[Function], *, n_points: int = 2000, beam: int = 3
) -> SearchResult:
    """Fit c f(a x + b) + d to every edge with every function.

    Starting values are scaled to the range of each edge's inputs (no range is given by hand): shifts to
    poles, rates, slopes, and frequencies up to the Nyquist rate of the samples are compared by their squared
    correlation with the samples, and the best few are polished by Levenberg-Marquardt, first on 200 samples
    and then, until rounding, on all. A fit that after the first leaves a million times as much as another
    of its edge (and is no contender for it) keeps its a and b. A function is used only where it is defined
    on the whole input range. The result does not depend on the scale or offset of x or y.

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

    Cost: about n_points * len(functions) * E * 10 function values.
    """
    if len(functions) == 0:
        raise InputError("search: functions must name at least one function; got none. Leave it out for all.")
    samples = standardise(x, y, n_points)
    affine = torch.full((len(samples.mean), len(functions), 4), torch.nan, dtype=torch.float64)
    unexplained = torch.ones(affine.shape[:2], dtype=torch.float64)
    for place, function in enumerate(functions):
        if function.kind == "zero":
            affine[:, place, :3] = torch.tensor([1.0, 0.0, 0.0], dtype=torch.float64)
            affine[:, place, 3] = samples.mean
            unexplained[:, place] = torch.where(samples.constant, 0.0, 1.0)
    edges = samples.varies.nonzero()[:, 0]
    places = [place for place, function in enumerate(functions) if function.kind != "zero"]
    if len(edges) and places:
        fits = _best_fits([functions[place] for place in places], *samples.rows(edges), beam)
        for place, fit in zip(places, fits, strict=True):
            found = _in_data_units(functions[place], samples, edges, fit.ab, fit.cd)
            affine[edges, place] = torch.where(fit.unexplained[:, None] < 1, found, torch.nan)
            unexplained[edges, place] = fit.unexplained
    spread = torch.where(samples.constant, 0.0, samples.scale)
    return SearchResult(tuple(functions), affine, unexplained, unexplained.sqrt() * spread[:, None])


def _best_fits(functions: Sequence[Function], u: Tensor, v: Tensor, beam: int) -> list[Fit]:
    """Fit every function to every edge: per function the fits to all edges."""
    starts = _starts(functions, u, v, beam)
    few = even_places(u.shape[1], _QUICK_POINTS)
    quick = varpro(functions, _rows(starts), u[:, few], v[:, few], _QUICK_STEPS)
    sizes = [ab.shape[:2].numel() for ab in starts]
    best = [
        _best_of_beam(ab.reshape(start.shape), unexplained.reshape(start.shape[:2]))
        for start, ab, unexplained in zip(
            starts, quick.ab.split(sizes), quick.unexplained.split(sizes), strict=True
        )
    ]
    unexplained = torch.stack([part[1] for part in best])
    hopeless = unexplained > _HOPELESS * (unexplained.amin(0) + _ROUNDING)
    rows = _rows([part[0] for part in best])
    full = varpro(functions, rows, u, v, _STEPS, frozen=hopeless.flatten())
    parts = (full.ab.split(len(u)), full.cd.split(len(u)), full.unexplained.split(len(u)))
    return [Fit(*part) for part in zip(*parts, strict=True)]


def _best_of_beam(ab: Tensor, unexplained: Tensor) -> tuple[Tensor, Tensor]:
    """Of (E, beam, 2) the pair that leaves least, (E, 1, 2), and what it leaves (E,)."""
    least, best = unexplained.min(1)
    return ab.gather(1, best[:, None, None].expand(-1, 1, 2)), least


def _rows(starts: Sequence[Tensor]) -> Starts:
    """Starting values of each function for each edge, (E, beam, 2) each, as rows."""
    sizes = torch.tensor([ab.shape[:2].numel() for ab in starts])
    function = torch.arange(len(starts)).repeat_interleave(sizes)
    edge = torch.cat([torch.arange(len(ab)).repeat_interleave(ab.shape[1]) for ab in starts])
    return Starts(function, edge, torch.cat([ab.reshape(-1, 2) for ab in starts]))


def _starts(functions: Sequence[Function], u: Tensor, v: Tensor, beam: int) -> list[Tensor]:
    """Starting values (E, beam, 2) of each function; one of those for which there is nothing to choose."""
    found: dict[int, Tensor] = {}
    families: dict[Family, list[int]] = {}
    sines = sine_starts(u, v, beam) if any(f.name in ("sin", "cos") for f in functions) else u
    for place, function in enumerate(functions):
        if function.kind == "linear":
            found[place] = torch.tensor([1.0, 0.0], dtype=torch.float64).expand(len(u), 1, 2)
        elif is_step(function):
            found[place] = _best_split(u, v)[:, None]
        elif function.name in ("sin", "cos"):
            quarter = torch.pi / 2 if function.name == "cos" else 0.0
            found[place] = sines - torch.tensor([0.0, quarter], dtype=torch.float64)
        else:
            families.setdefault(Family.of(function), []).append(place)
    bins = bin_samples(u, v, uneven_points()).narrowed()
    for family, places in families.items():
        keep = 2 * beam if family.oscillates else beam
        best = grid_starts([functions[place] for place in places], family, bins, u.shape[1], keep)
        found.update(zip(places, best, strict=True))
    return [found[place] for place in range(len(functions))]


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
