"""Fits of polynomials to edges, by linear least squares."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from numpy.polynomial import Polynomial
from torch import Tensor

from ....functions import polynomial
from .candidate import Candidate
from .samples import Samples

_DEGREES = (3, 4)
_FAR = 4.0  # a range so many of its halves from 0 is written about its middle
_SMALLEST_LEAD = 1e-9  # of the highest power, relative to the largest coefficient over the range


def polynomial_fits(samples: Samples, degrees: Sequence[int] = _DEGREES) -> list[list[Candidate]]:
    """Fit polynomials of each degree to every edge that varies.

    Args:
        samples: The edges' samples in standard units.
        degrees: The degrees; lower ones have functions in the library.

    Returns:
        The candidates of each edge.
    """
    found: list[list[Candidate]] = []
    for edge in range(len(samples.mean)):
        u, v = samples.u[edge], samples.v[edge]
        levels = int((u.diff() > 0).sum()) + 1
        usable = [degree for degree in degrees if bool(samples.varies[edge]) and levels >= degree + 3]
        fits = (_fit(samples, edge, u, v, degree) for degree in usable)
        found.append([fit for fit in fits if fit is not None])
    return found


def _fit(samples: Samples, edge: int, u: Tensor, v: Tensor, degree: int) -> Candidate | None:
    columns = torch.stack([u**place for place in range(degree + 1)], 1)
    coef = torch.linalg.lstsq(columns, v[:, None]).solution[:, 0]
    if not abs(float(coef[-1])) > _SMALLEST_LEAD * float(coef.abs().max()):
        return None
    unexplained = float((v - columns @ coef).square().mean() / v.square().mean())
    centre, half = float(samples.centre[edge]), float(samples.half[edge])
    origin = centre if abs(centre) > _FAR * half else 0.0
    inner = Polynomial([(origin - centre) / half, 1 / half])
    numbers = (float(samples.scale[edge]) * Polynomial(coef.tolist())(inner)).coef.tolist()
    lead, offset = numbers[-1], numbers[0] + float(samples.mean[edge])
    # The digits left are those that do not depend on how the sums were formed.
    scaled = [float(f"{number / lead:.10g}") for number in numbers[1:-1]] if lead else []
    if not torch.tensor([*scaled, lead, offset]).isfinite().all() or not scaled:
        return None
    return Candidate(polynomial(scaled), (1.0, 0.0 - origin, lead, offset), unexplained)
