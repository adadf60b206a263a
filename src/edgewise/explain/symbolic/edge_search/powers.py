"""Fits of c (x + b)^p + d to edges: the exponent is found, and simple fractions near it are tried."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ...._tensors import even_places
from ....functions import power, simple_fraction
from .candidate import Candidate
from .samples import Samples

_EXPONENTS = (-3.2, -2.2, -1.3, -0.7, -0.3, 0.15, 0.4, 0.7, 1.3, 1.7, 2.4, 3.3)
_STEEPEST, _FLATTEST = 6.0, 0.02
_DISTANCES = (
    1e-6,
    1e-4,
    1e-2,
    0.05,
    0.15,
    0.4,
    1.0,
    2.5,
)  # of the branch point from the data, in half ranges
_NEAREST, _FARTHEST = 1e-7, 10.0
_ADMITTED = 0.05  # share of variance unexplained beyond which a power is given up
_POINTS, _STEPS, _LAST_STEPS = 150, 30, 6
_BESIDES = 1e3  # of the least that a power leaves of an edge, so many times is still polished
_WHOLE = 0.02  # so near to a whole number the library's own powers are meant
_DENOMINATORS = (2, 3, 4, 5, 10)


@dataclass(frozen=True)
class _Fits:
    """P fits of (side u + 1 + distance)^p.

    Attributes:
        u: Inputs (P, B) in [-1, 1], mirrored where the branch point is on the right.
        v: Outputs (P, B) of mean 0 and variance 1.
        p: Exponents (P,).
        distance: Of the branch point from the nearest sample (P,), in half ranges.
        moves: 1 or 0 for each fit (P, 2): whether exponent and distance may change.
    """

    u: Tensor
    v: Tensor
    p: Tensor
    distance: Tensor
    moves: Tensor

    def rows(self, index: Tensor) -> _Fits:
        """Some of the fits, or some several times."""
        return _Fits(self.u[index], self.v[index], self.p[index], self.distance[index], self.moves[index])


def power_fits(samples: Samples, origins: Tensor) -> list[list[Candidate]]:
    """Fit powers to every edge whose curve is near to one, without a shift where its inputs have one sign.

    Args:
        samples: The edges' samples in standard units.
        origins: Input of each edge where the variable that it reads is 0 (edges,).

    Returns:
        The candidates of each edge: with the exponent that fits best, and with simple fractions next to it.
    """
    found: list[list[Candidate]] = [[] for _ in samples.mean]
    starts = _starts(samples, origins)
    if starts is None:
        return found
    edges, side, fits = starts
    quick = _improved(_thinned(fits), _STEPS)
    good = _contenders(edges, quick)
    if not len(good):
        return found
    edges, side, fits, quick = edges[good], side[good], fits.rows(good), quick.rows(good)
    nearby, exponents = _fractions(quick.p)
    still = quick.moves[nearby] * torch.tensor([0.0, 1.0], dtype=torch.float64)
    snapped = _improved(replace(quick.rows(nearby), p=exponents, moves=still), _STEPS // 3)
    places = torch.cat([torch.arange(len(good)), nearby])
    p, distance = torch.cat([quick.p, snapped.p]), torch.cat([quick.distance, snapped.distance])
    left = torch.cat([_solve(quick)[2], _solve(snapped)[2]])
    best = torch.full((len(found),), torch.inf, dtype=left.dtype).scatter_reduce(
        0, edges[places], left, "amin"
    )
    keep = left <= _BESIDES * best[edges[places]] + 1e-14
    places, moves = places[keep], torch.cat([quick.moves, still])[keep]
    whole = replace(fits.rows(places), p=p[keep], distance=distance[keep], moves=moves)
    whole = _improved(whole, _LAST_STEPS)
    for edge, candidate in _candidates(whole, samples, edges[places], side[places], origins):
        found[edge].append(candidate)
    return found


def _thinned(fits: _Fits) -> _Fits:
    few = even_places(fits.u.shape[1], _POINTS)
    return replace(fits, u=fits.u[:, few], v=fits.v[:, few])


def _contenders(edges: Tensor, fits: _Fits) -> Tensor:
    """Numbers of the fits that explain enough: for every edge the best with a shift, and the best without."""
    left = _solve(fits)[2]
    best: dict[tuple[int, bool], int] = {}
    for row in (left < _ADMITTED).nonzero()[:, 0].tolist():
        key = (int(edges[row]), bool(fits.moves[row, 1] > 0))
        if key not in best or left[row] < left[best[key]]:
            best[key] = row
    return torch.tensor(sorted(best.values()), dtype=torch.long)


def _starts(samples: Samples, origins: Tensor) -> tuple[Tensor, Tensor, _Fits] | None:
    """The best start for every edge, side of the branch point, and kind: with a shift to find, or none."""
    edges, sides, parts = [], [], []
    exponents = torch.tensor(_EXPONENTS, dtype=torch.float64)
    live = samples.varies.nonzero()[:, 0]
    for side in (1, -1):
        for shifted in (True, False):
            own = (side * (samples.centre - origins) / samples.half - 1)[live]
            chosen = live if shifted else live[own >= -1e-12]
            if not len(chosen):
                continue
            u, v = samples.rows(chosen)
            u, v = (u, v) if side == 1 else (-u.flip(1), v.flip(1))
            few = even_places(u.shape[1], 100)
            distances = torch.tensor(_DISTANCES, dtype=torch.float64).expand(len(chosen), -1)
            if not shifted:
                distances = own[own >= -1e-12].clamp_min(0.0)[:, None]
            p, distance = _best_start(u[:, few], v[:, few], exponents, distances)
            moves = torch.tensor([1.0, float(shifted)], dtype=torch.float64).expand(len(chosen), 2)
            edges.append(chosen)
            sides.append(torch.full_like(chosen, side))
            parts.append(_Fits(u, v, p, distance, moves))
    if not parts:
        return None
    names = ("u", "v", "p", "distance", "moves")
    return (
        torch.cat(edges),
        torch.cat(sides),
        _Fits(*(torch.cat([getattr(f, n) for f in parts]) for n in names)),
    )


def _best_start(u: Tensor, v: Tensor, exponents: Tensor, distances: Tensor) -> tuple[Tensor, Tensor]:
    """Of all exponents and distances (E, D) those that leave least, for every edge."""
    t = (u[:, None] + 1 + distances[:, :, None]).clamp_min(1e-300).log()
    shape = (exponents[:, None, None] * t[:, None]).exp()  # edges, exponents, distances, samples
    shape = shape - shape.mean(-1, keepdim=True)
    centred = v - v.mean(1, keepdim=True)
    score = (shape * centred[:, None, None]).sum(-1).square() / shape.square().sum(-1).clamp_min(1e-300)
    best = torch.nan_to_num(score, nan=-1.0, posinf=-1.0).flatten(1).argmax(1)
    count = distances.shape[1]
    return exponents[best // count], distances.gather(1, (best % count)[:, None])[:, 0]


def _improved(fits: _Fits, steps: int) -> _Fits:
    """Levenberg-Marquardt in the exponent and the logarithm of the distance, all fits at once."""
    damping = torch.full_like(fits.p, 1e-3)
    columns, _, unexplained = _solve(fits)
    for _ in range(steps):
        change = _change(columns, damping, fits.moves)
        p = (fits.p + change[:, 0].clamp(-0.5, 0.5)).clamp(-_STEEPEST, _STEEPEST)
        p = torch.where(p.abs() < _FLATTEST, p.sign() * _FLATTEST, p)
        p = torch.where(p.sign() == fits.p.sign(), p, fits.p)
        distance = fits.distance * change[:, 1].clamp(-2, 2).exp()
        distance = torch.where(fits.moves[:, 1] > 0, distance.clamp(_NEAREST, _FARTHEST), fits.distance)
        trial = replace(fits, p=p, distance=distance)
        new_columns, _, left = _solve(trial)
        better = left < unexplained
        if not bool((left < (1 - 1e-6) * unexplained).any()) and bool((damping > 1e3).all()):
            break
        damping = torch.where(better, damping / 8, damping * 8).clamp(1e-12, 1e12)
        fits = replace(
            fits, p=torch.where(better, p, fits.p), distance=torch.where(better, distance, fits.distance)
        )
        unexplained = torch.where(better, left, unexplained)
        columns = torch.where(better[:, None, None], new_columns, columns)
    return fits


def _solve(fits: _Fits) -> tuple[Tensor, Tensor, Tensor]:
    """Columns residual and its derivatives by exponent and log distance (P, 3, B), c and d (P, 2), and what is left."""
    t = fits.u + 1 + fits.distance[:, None]
    shape = t.clamp_min(1e-300).pow(fits.p[:, None])
    shape = torch.where(t > 0, shape, torch.where(fits.p > 0, 0.0, torch.inf)[:, None])
    mean = shape.mean(1, keepdim=True)
    centred = shape - mean
    square = centred.square().sum(1).clamp_min(1e-300)
    c = (centred * fits.v).sum(1) / square
    residual = fits.v - fits.v.mean(1, keepdim=True) - c[:, None] * centred
    by_p = c[:, None] * shape * t.clamp_min(1e-300).log()
    by_distance = c[:, None] * fits.p[:, None] * shape / t.clamp_min(1e-300) * fits.distance[:, None]
    columns = torch.stack([residual, by_p, by_distance], 1)
    slopes = columns[:, 1:] - columns[:, 1:].mean(2, keepdim=True)
    along = (slopes * centred[:, None]).sum(2) / square[:, None]
    columns[:, 1:] = slopes - along[:, :, None] * centred[:, None]
    left = residual.square().sum(1) / (fits.v - fits.v.mean(1, keepdim=True)).square().sum(1).clamp_min(
        1e-300
    )
    left = torch.nan_to_num(left, nan=torch.inf, posinf=torch.inf)
    return columns.nan_to_num(0.0, 0.0, 0.0), torch.stack([c, fits.v.mean(1) - c * mean[:, 0]], 1), left


def _change(columns: Tensor, damping: Tensor, moves: Tensor) -> Tensor:
    """Damped Gauss-Newton steps (P, 2)."""
    slopes = columns[:, 1:] * moves[:, :, None]
    normal = slopes @ slopes.transpose(1, 2)
    diagonal = normal.diagonal(dim1=1, dim2=2)
    normal = normal + torch.diag_embed(diagonal * damping[:, None] + (diagonal <= 0) + 1e-300)
    right = (slopes * columns[:, :1]).sum(2)
    return torch.linalg.solve_ex(normal, right).result.nan_to_num(0.0, 0.0, 0.0)


def _fractions(p: Tensor) -> tuple[Tensor, Tensor]:
    """Simple fractions next to exponents: the numbers of the fits, and the fractions."""
    rows, values = [], []
    for row, exponent in enumerate(p.tolist()):
        near = {round(exponent * bottom) / bottom for bottom in _DENOMINATORS}
        for fraction in sorted(near):
            if not fraction.is_integer() and abs(fraction - exponent) < 0.1 * (1 + abs(exponent)):
                rows.append(row)
                values.append(fraction)
    return torch.tensor(rows, dtype=torch.long), torch.tensor(values, dtype=torch.float64)


def _candidates(
    fits: _Fits, samples: Samples, edges: Tensor, side: Tensor, origins: Tensor
) -> list[tuple[int, Candidate]]:
    """The fits in units of the edges: c (side x + b)^p + d."""
    if not len(edges):
        return []
    _, outer, left = _solve(fits)
    found = []
    for row, edge in enumerate(edges.tolist()):
        p, half, sign = _rounded(float(fits.p[row])), float(samples.half[edge]), int(side[row])
        if abs(p - round(p)) < _WHOLE:
            continue
        plain = not bool(fits.moves[row, 1] > 0)
        shift = 0.0 - sign * float(origins[edge])
        if not plain:
            shift = half * (1 + float(fits.distance[row])) - sign * float(samples.centre[edge])
        scale = float(samples.scale[edge])
        c, d = (float(number) for number in outer[row])
        affine = (float(sign), shift, scale * c * half**-p, scale * d + float(samples.mean[edge]))
        if all(map(math.isfinite, affine)) and bool(left[row].isfinite()):
            found.append((edge, Candidate(power(p), affine, float(left[row]), plain)))
    return found


def _rounded(p: float) -> float:
    """An exponent with the digits that do not depend on how sums were formed; fractions stay."""
    return p if simple_fraction(p) else float(f"{p:.10g}")
