"""Coarse stage of the search: squared correlation of every starting value with every edge."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ...functions.function import Function
from .ladders import ladder
from .samples import Samples

_CELLS = 200
_NODES = 200
_SLOWEST = 0.15  # radians over half the data range
_CHUNK = 4_000_000  # numbers in one temporary


def starts(function: Function, samples: Samples, edges: Tensor, keep: int) -> Tensor:
    """Find the most promising (a, b) of one function for each edge.

    Args:
        function: The function whose a and b matter (not the line, not the constant).
        samples: Samples in standard units.
        edges: Indices of the edges to look at (e,).
        keep: How many starting values to return per edge.

    Returns:
        Starting values (e, keep, 2) in standard units, best first, taken from different neighbourhoods.
    """
    u, v = samples.rows(edges)
    if function.name in ("sin", "cos"):
        return _periodogram(function.name, u, v, keep)
    pairs, groups = ladder(function, u.shape[1])
    if len(pairs) == 0:
        return torch.full((len(edges), keep, 2), torch.nan, dtype=torch.float64)
    near_poles = function.kind in ("power", "log")
    score = _on_samples(function, pairs, u, v) if near_poles else _on_cells(function, pairs, u, v)
    return pairs[_best_of_groups(score, groups, keep)]


def bin_samples(u: Tensor, v: Tensor, cells: int) -> tuple[Tensor, Tensor, Tensor]:
    """Share each sample between the two nearest of `cells` even points on [-1, 1].

    Args:
        u: Sorted inputs (e, B) in [-1, 1].
        v: Outputs (e, B).
        cells: How many points.

    Returns:
        The points (cells,), their weights (e, cells) with sum 1 per row, and weights times mean output.
    """
    place = (u + 1) / 2 * (cells - 1)
    left = place.floor().clamp(0, cells - 2).long()
    right_share = place - left
    shape = (u.shape[0], cells)
    weight, total = torch.zeros(shape, dtype=u.dtype), torch.zeros(shape, dtype=u.dtype)
    for index, share in ((left, 1 - right_share), (left + 1, right_share)):
        weight.scatter_add_(1, index, share)
        total.scatter_add_(1, index, share * v)
    return torch.linspace(-1, 1, cells, dtype=u.dtype), weight / u.shape[1], total / u.shape[1]


def _on_cells(function: Function, pairs: Tensor, u: Tensor, v: Tensor) -> Tensor:
    """Squared correlations (e, C) by matrix products on binned samples."""
    points, weight, total = bin_samples(u, v, _CELLS)
    scores = []
    step = max(1, _CHUNK // _CELLS)
    for chunk in pairs.split(step):
        shape = _unit_scale(function.fn(chunk[:, :1] * points + chunk[:, 1:]))
        mean = weight @ shape.T
        variance = weight @ shape.square().T - mean.square()
        covariance = total @ shape.T - mean * total.sum(1, keepdim=True)
        scores.append(_ratio(covariance, variance))
    return torch.cat(scores, 1)


def _on_samples(function: Function, pairs: Tensor, u: Tensor, v: Tensor) -> Tensor:
    """Squared correlations (e, C) on a subset of real samples, for functions with poles near the data."""
    if u.shape[1] > _NODES:
        rank = torch.linspace(0, u.shape[1] - 1, _NODES, dtype=torch.float64).round().long()
        u, v = u[:, rank], v[:, rank]
    v = v - v.mean(1, keepdim=True)
    step = max(1, _CHUNK // (len(pairs) * u.shape[1]))
    scores = []
    for part_u, part_v in zip(u.split(step), v.split(step), strict=True):
        argument = pairs[:, 0, None] * part_u[:, None, :] + pairs[:, 1, None]
        shape = _unit_scale(function.fn(argument))
        covariance = (shape * part_v[:, None, :]).mean(2)
        scores.append(_ratio(covariance, shape.square().mean(2)))
    return torch.cat(scores)


def _unit_scale(shape: Tensor) -> Tensor:
    """Centre and scale each curve so that sums of squares lose nothing to rounding."""
    centred = shape - shape.mean(-1, keepdim=True)
    return centred / centred.abs().amax(-1, keepdim=True).clamp_min(torch.finfo(shape.dtype).tiny)


def _ratio(covariance: Tensor, variance: Tensor) -> Tensor:
    score = covariance.square() / variance.clamp_min(1e-300)
    return torch.where((variance > 1e-14) & torch.isfinite(score), score, -1.0)


def _best_of_groups(score: Tensor, groups: Tensor, keep: int) -> Tensor:
    """Pick per edge the best candidate of the `keep` best groups that beat their neighbours (e, keep)."""
    labels, number = torch.unique(groups, return_inverse=True)
    count = len(labels)
    best = torch.full((score.shape[0], count), -2.0, dtype=score.dtype)
    best.scatter_reduce_(1, number.expand(score.shape[0], -1), score, "amax")
    peak = _peaks(best, labels) if count > 12 else best
    chosen = peak.topk(min(keep, count), dim=1).indices
    chosen = chosen[:, torch.arange(keep).clamp_max(chosen.shape[1] - 1)]
    member = number[None, None, :] == chosen[:, :, None]
    return torch.where(member, score[:, None, :], -3.0).argmax(2)


def _peaks(best: Tensor, labels: Tensor) -> Tensor:
    """Leave local maxima along consecutive labels as they are and push everything else below."""
    joined = torch.diff(labels) == 1
    after = torch.where(joined, best[:, 1:], -9.0)
    before = torch.where(joined, best[:, :-1], -9.0)
    pad = torch.nn.functional.pad
    peak = (best >= pad(before, (1, 0), value=-9.0)) & (best >= pad(after, (0, 1), value=-9.0))
    return torch.where(peak, best, best - 2)


def _periodogram(name: str, u: Tensor, v: Tensor, keep: int) -> Tensor:
    """Least-squares sine and cosine at each frequency up to the data's Nyquist rate; the best peaks.

    Source: Zechmeister and Kürster (2009), the periodogram with a free mean, eqs. 4-15; its sums are taken
    from one FFT of the binned samples.
    """
    cells = max(256, 2 * u.shape[1])
    _, weight, total = bin_samples(u, v, cells)
    length = 2 ** math.ceil(math.log2(16 * cells))
    step = math.pi * (cells - 1) / length
    k = torch.arange(max(1, math.ceil(_SLOWEST / step)), length // 4 + 1)
    frequency = k.double() * step
    s, c = _sums(weight, k, step, length)
    s2, c2 = _sums(weight, 2 * k, step, length)
    ys, yc = _sums(total, k, step, length)
    mean = total.sum(1, keepdim=True)
    ys, yc = ys - s * mean, yc - c * mean
    ss, cc, sc = (1 - c2) / 2 - s * s, (1 + c2) / 2 - c * c, s2 / 2 - s * c
    det = (ss * cc - sc * sc).clamp_min(1e-12)
    alpha, beta = (cc * ys - sc * yc) / det, (ss * yc - sc * ys) / det
    power = alpha * ys + beta * yc
    top = _peaks(power, k).topk(keep, dim=1).indices
    phase = torch.atan2(beta.gather(1, top), alpha.gather(1, top))
    if name == "cos":
        phase = phase - torch.pi / 2
    return torch.stack([frequency[top], phase], 2)


def _sums(weight: Tensor, k: Tensor, step: float, length: int) -> tuple[Tensor, Tensor]:
    """Sums of weight * sin(w u) and weight * cos(w u) over even points u of [-1, 1], at w = k * step."""
    angle = k.double() * step
    spectrum = torch.fft.rfft(weight, n=length)[:, k]
    turned = spectrum * torch.polar(torch.ones_like(angle), angle)
    return -turned.imag, turned.real
