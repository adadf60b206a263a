"""Starting values of sines: the peaks of a periodogram."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from .bins import bin_samples
from .peaks import peaks

_SLOWEST = 0.15  # radians over half the data range


def sine_starts(u: Tensor, v: Tensor, keep: int) -> Tensor:
    """Least-squares sine and cosine at each frequency up to the data's Nyquist rate; the best peaks.

    Args:
        u: Sorted inputs (E, B) in [-1, 1].
        v: Outputs (E, B).
        keep: Peaks per edge.

    Returns:
        Frequency and phase of the sines (E, keep, 2), highest peak first.

    Source: Zechmeister and Kürster (2009), the periodogram with a free mean, eqs. 4-15; its sums are taken
    from one FFT of the binned samples.
    """
    cells = max(256, 2 * u.shape[1])
    bins = bin_samples(u, v, torch.linspace(-1, 1, cells, dtype=u.dtype))
    length = 2 ** math.ceil(math.log2(8 * cells))
    step = math.pi * (cells - 1) / length
    k = torch.arange(max(1, math.ceil(_SLOWEST / step)), length // 4 + 1)
    weight = torch.fft.rfft(bins.weight, n=length)
    s, c = _sums(weight, k, step)
    s2, c2 = _sums(weight, 2 * k, step)
    ys, yc = _sums(torch.fft.rfft(bins.total, n=length), k, step)
    mean = bins.total.sum(1, keepdim=True)
    ys, yc = ys - s * mean, yc - c * mean
    ss, cc, sc = (1 - c2) / 2 - s * s, (1 + c2) / 2 - c * c, s2 / 2 - s * c
    det = (ss * cc - sc * sc).clamp_min_(1e-12)
    alpha, beta = (cc * ys - sc * yc) / det, (ss * yc - sc * ys) / det
    power = alpha * ys + beta * yc
    top = peaks(power, k).topk(keep, dim=1).indices
    phase = torch.atan2(beta.gather(1, top), alpha.gather(1, top))
    return torch.stack([(k * step)[top], phase], 2)


def _sums(spectrum: Tensor, k: Tensor, step: float) -> tuple[Tensor, Tensor]:
    """Sums of weight * sin(w u) and weight * cos(w u) over even points u of [-1, 1], at w = k * step."""
    angle = k.double() * step
    turned = spectrum[:, k] * torch.polar(torch.ones_like(angle), angle)
    return -turned.imag, turned.real
