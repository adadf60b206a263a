"""Safe versions of functions with poles, branch points or overflow.

Each is equal to the plain function away from its singularities, continuous, and finite in value, first and
second derivative at every finite input. Two rules keep gradients finite: the plain function only ever sees
arguments at which its derivatives are finite, and nothing is multiplied by a mask (0 * inf is NaN). NaN goes
in and comes out as NaN.

How near to a singularity a function is exact depends on the dtype: 1e-12 in float64 where the range allows.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

_NEAR = 2.0**-40  # about 1e-12, and a power of two so that 1 - _NEAR is a float64
_SINC_SERIES = tuple((-1) ** k / math.factorial(2 * k + 1) for k in range(7))


def pole_margin(dtype: torch.dtype, growth: float) -> float:
    """Distance from 0 inside which `|x|**-growth` may overflow, and at least about 1e-12.

    Args:
        dtype: Floating-point dtype of the argument.
        growth: Exponent of the fastest growing derivative to be kept finite.

    Returns:
        A power of two.

    Example:
        >>> pole_margin(torch.float64, 3.0) < 1e-12
        True
        >>> pole_margin(torch.float32, 7.0) > 1e-6
        True
    """
    overflow = math.log2(100.0 / torch.finfo(dtype).max) / growth
    return max(_NEAR, 2.0 ** math.ceil(overflow))


def unit_margin(dtype: torch.dtype) -> float:
    """Distance from a singularity at a number of order 1: about 1e-12, or the spacing of the dtype there.

    Example:
        >>> 1 - unit_margin(torch.float64) < 1
        True
    """
    return max(_NEAR, torch.finfo(dtype).eps)


def natural_power(x: Tensor, n: int) -> Tensor:
    """`x**n` for a natural `n` by products, which take a fraction of the time of `pow`.

    Example:
        >>> natural_power(torch.tensor([-2.0]), 5).item()
        -32.0
    """
    if n == 1:
        return x
    half = natural_power(x, n // 2)
    return half * half * x if n % 2 else half * half


def power(x: Tensor, n: int) -> Tensor:
    """`x**n` for a natural `n`, constant where it would overflow.

    Example:
        >>> power(torch.tensor([2.0, 1e30]), 2).isfinite().all().item()
        True
    """
    top = (torch.finfo(x.dtype).max / 16) ** (1 / n)
    return natural_power(x.clamp(-top, top), n)


def reciprocal_power(x: Tensor, n: int) -> Tensor:
    """`x**-n` for a natural `n`; across the pole a straight line for odd `n`, a constant for even `n`.

    Example:
        >>> reciprocal_power(torch.tensor([2.0, 0.0]), 1).tolist()
        [0.5, 0.0]
    """
    margin = pole_margin(x.dtype, n + 2)
    if n % 2 == 0:
        return x.abs().clamp(min=margin).pow(-n)
    near = x.abs() < margin
    return torch.where(near, x * margin ** -(n + 1), torch.where(near, 1.0, x).pow(-n))


def half_line_power(x: Tensor, p: float) -> Tensor:
    """`x**p` for `p > 0` that is not a whole number: 0 for negative `x`, and a straight line next to 0.

    Example:
        >>> half_line_power(torch.tensor([4.0, 0.0, -1.0]), 0.5).tolist()
        [2.0, 0.0, 0.0]
    """
    margin = pole_margin(x.dtype, max(2 - p, 0.5))
    top = (torch.finfo(x.dtype).max / 16) ** (1 / max(1.0, p))
    near = x < margin
    line = torch.where(near, x, 0.0).relu() * margin ** (p - 1)
    return torch.where(near, line, torch.where(near, 1.0, x).clamp(max=top).pow(p))


def half_line_reciprocal(x: Tensor, p: float) -> Tensor:
    """`x**-p` for `p > 0` that is not a whole number: constant from next to 0 downwards.

    Example:
        >>> half_line_reciprocal(torch.tensor([4.0]), 0.5).item()
        0.5
    """
    return x.clamp(min=pole_margin(x.dtype, p + 2)).pow(-p)


def plain_cbrt(x: Tensor) -> Tensor:
    """The real cube root, negative for negative `x`; its gradient at 0 is not finite.

    Example:
        >>> plain_cbrt(torch.tensor([-8.0])).item()
        -2.0
    """
    return x.sign() * x.abs().pow(1 / 3)


def cbrt(x: Tensor) -> Tensor:
    """The real cube root, a straight line next to 0.

    Example:
        >>> cbrt(torch.tensor([-8.0, 0.0])).tolist()
        [-2.0, 0.0]
    """
    margin = pole_margin(x.dtype, 5 / 3)
    near = x.abs() < margin
    return torch.where(near, x * margin ** (-2 / 3), plain_cbrt(torch.where(near, 1.0, x)))


def log(x: Tensor) -> Tensor:
    """The logarithm, continued below a tiny `m` by its own point reflection `2 log(m) - log(2 m - x)`.

    The continuation is smooth, keeps falling, and has a gradient of order `1/|x|` that can lead an
    argument back to the domain; a straight line would have slope 1e12.

    Example:
        >>> log(torch.tensor([1.0, 0.0, -1.0])).isfinite().all().item()
        True
    """
    margin = pole_margin(x.dtype, 2)
    below = x < margin
    y = torch.where(below, 2 * margin - x, x).log()
    return torch.where(below, 2 * math.log(margin) - y, y)


def _growth_factor(excess: Tensor) -> Tensor:
    # 1 up to the limit and 1 + log(1 + t) beyond: continues e^x with its slope, too slowly to overflow.
    return 1 + excess.relu().log1p()


def exp_limit(dtype: torch.dtype) -> float:
    """Argument beyond which the exponential is continued by a logarithm.

    Example:
        >>> 690 < exp_limit(torch.float64) < 710
        True
    """
    largest = math.log(torch.finfo(dtype).max)
    return largest - math.log(2 * (1 + largest))


def exp(x: Tensor) -> Tensor:
    """The exponential, continued with its slope by a logarithm where it comes near to overflow.

    Example:
        >>> exp(torch.tensor([0.0, 1e30])).isfinite().all().item()
        True
    """
    limit = exp_limit(x.dtype)
    return x.clamp(max=limit).exp() * _growth_factor(x - limit)


def sinh(x: Tensor) -> Tensor:
    """The hyperbolic sine, continued as `exp` is on both sides.

    Example:
        >>> sinh(torch.tensor([0.0, -1e30])).isfinite().all().item()
        True
    """
    limit = exp_limit(x.dtype)
    return x.clamp(-limit, limit).sinh() * _growth_factor(x.abs() - limit)


def cosh(x: Tensor) -> Tensor:
    """The hyperbolic cosine, continued as `exp` is on both sides.

    Example:
        >>> cosh(torch.tensor([0.0, -1e30])).isfinite().all().item()
        True
    """
    limit = exp_limit(x.dtype)
    return x.clamp(-limit, limit).cosh() * _growth_factor(x.abs() - limit)


def tan(x: Tensor) -> Tensor:
    """The tangent, with `cos(x)/m^2` in place of `1/cos(x)` where `|cos(x)| < m`: a ramp across each pole.

    Example:
        >>> tan(torch.tensor([0.0, torch.pi / 2])).isfinite().all().item()
        True
    """
    margin = max(2 * unit_margin(x.dtype), pole_margin(x.dtype, 3))
    cosine = x.cos()
    near = cosine.abs() < margin
    reciprocal = torch.where(near, cosine / margin**2, torch.where(near, 1.0, cosine).reciprocal())
    return x.sin() * reciprocal


def _inverse_sine_ramp(x: Tensor, limit: float) -> Tensor:
    # From 0 at |x| = limit to what arcsin still lacks of pi/2 at |x| = 1; 0, gradient too, inside.
    slope = math.acos(limit) / (1 - limit)
    return x.sign() * slope * (x.abs().clamp(limit, 1.0) - limit)


def arcsin(x: Tensor) -> Tensor:
    """The inverse sine, a straight line next to -1 and 1 and constant beyond.

    Example:
        >>> round(arcsin(torch.tensor([2.0])).item(), 4)
        1.5708
    """
    limit = 1 - unit_margin(x.dtype)
    return x.clamp(-limit, limit).asin() + _inverse_sine_ramp(x, limit)


def arccos(x: Tensor) -> Tensor:
    """The inverse cosine, a straight line next to -1 and 1 and constant beyond.

    Example:
        >>> round(arccos(torch.tensor([-2.0])).item(), 4)
        3.1416
    """
    limit = 1 - unit_margin(x.dtype)
    return x.clamp(-limit, limit).acos() - _inverse_sine_ramp(x, limit)


def arctanh(x: Tensor) -> Tensor:
    """The inverse hyperbolic tangent, continued with its slope by a logarithm from next to -1 and 1 on.

    Example:
        >>> arctanh(torch.tensor([0.5, 1.0, 5.0])).isfinite().all().item()
        True
    """
    limit = 1 - unit_margin(x.dtype)
    scale = (1 - limit) * (1 + limit) / 2
    bound = min(1e6, scale * torch.finfo(x.dtype).max / 2)  # keeps excess / scale from overflowing
    excess = x.abs().clamp(limit, bound) - limit
    return x.clamp(-limit, limit).atanh() + x.sign() * 0.5 * (excess / scale).log1p()


def gaussian(x: Tensor) -> Tensor:
    """`exp(-x^2)`; beyond 100 it is 0 in every dtype, and the square would overflow.

    Example:
        >>> gaussian(torch.tensor([0.0, 1e30])).tolist()
        [1.0, 0.0]
    """
    return x.clamp(-100, 100).square().neg().exp()


def plain_lorentzian(x: Tensor) -> Tensor:
    """`1/(1 + x^2)`.

    Example:
        >>> plain_lorentzian(torch.tensor([1.0])).item()
        0.5
    """
    return (1 + x * x).reciprocal()


def lorentzian(x: Tensor) -> Tensor:
    """`1/(1 + x^2)`; where the square would overflow it is constant.

    Example:
        >>> lorentzian(torch.tensor([1.0, 1e30])).isfinite().all().item()
        True
    """
    top = torch.finfo(x.dtype).max ** 0.25
    return plain_lorentzian(x.clamp(-top, top))


def erf(x: Tensor) -> Tensor:
    """The error function; beyond 100 it is -1 or 1 in every dtype, and its derivatives would overflow.

    Example:
        >>> erf(torch.tensor([0.0, 1e30])).tolist()
        [0.0, 1.0]
    """
    return x.clamp(-100, 100).erf()


def sgn(x: Tensor) -> Tensor:
    """The sign: -1, 0 or 1; unlike `torch.sign` it leaves NaN as it is.

    Example:
        >>> sgn(torch.tensor([-3.0, 0.0])).tolist()
        [-1.0, 0.0]
    """
    return torch.where(x.isnan(), x, x.sign())


def plain_sinc(x: Tensor) -> Tensor:
    """`sin(x)/x`; its gradient at 0 is not finite.

    Example:
        >>> plain_sinc(torch.tensor([0.0])).item()
        1.0
    """
    return torch.where(x == 0, 1.0, x.sin() / x)


def sinc(x: Tensor) -> Tensor:
    """`sin(x)/x`, by its Taylor series near 0, where the quotient's derivatives would lose their digits.

    Example:
        >>> sinc(torch.tensor([0.0])).item()
        1.0
    """
    near = x.abs() < 0.25
    square = torch.where(near, x, 0.0).square()
    series = torch.full_like(square, _SINC_SERIES[-1])
    for coefficient in reversed(_SINC_SERIES[:-1]):
        series = series * square + coefficient
    far = torch.where(near, 1.0, x)
    return torch.where(near, series, far.sin() / far)
