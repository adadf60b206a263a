"""Closed-form derivatives of the library's functions, from argument and value: cheaper than a backward pass.

They are exact on the domain; at its ends they may be anything, NaN too.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor


def of_power(x: Tensor, y: Tensor, exponent: float) -> Tensor:
    """Of y = x^p: p y / x.

    Example:
        >>> of_power(torch.tensor([2.0]), torch.tensor([8.0]), 3).item()
        12.0
    """
    return (exponent * y).div_(x)


def of_zero(x: Tensor, y: Tensor) -> Tensor:
    """Of a constant."""
    return torch.zeros_like(x)


def of_identity(x: Tensor, y: Tensor) -> Tensor:
    """Of y = x."""
    return torch.ones_like(x)


def of_abs(x: Tensor, y: Tensor) -> Tensor:
    """Of the absolute value."""
    return x.sign()


def of_exp(x: Tensor, y: Tensor) -> Tensor:
    """Of the exponential."""
    return y


def of_log(x: Tensor, y: Tensor) -> Tensor:
    """Of the logarithm."""
    return x.reciprocal()


def of_sin(x: Tensor, y: Tensor) -> Tensor:
    """Of the sine."""
    return x.cos()


def of_cos(x: Tensor, y: Tensor) -> Tensor:
    """Of the cosine."""
    return x.sin().neg_()


def of_tan(x: Tensor, y: Tensor) -> Tensor:
    """Of the tangent: 1 + y^2."""
    return (y * y).add_(1)


def of_arcsin(x: Tensor, y: Tensor) -> Tensor:
    """Of the inverse sine."""
    return (1 - x * x).rsqrt_()


def of_arccos(x: Tensor, y: Tensor) -> Tensor:
    """Of the inverse cosine."""
    return of_arcsin(x, y).neg_()


def of_arctan(x: Tensor, y: Tensor) -> Tensor:
    """Of the inverse tangent."""
    return (x * x).add_(1).reciprocal_()


def of_sinh(x: Tensor, y: Tensor) -> Tensor:
    """Of the hyperbolic sine."""
    return x.cosh()


def of_cosh(x: Tensor, y: Tensor) -> Tensor:
    """Of the hyperbolic cosine."""
    return x.sinh()


def of_tanh(x: Tensor, y: Tensor) -> Tensor:
    """Of the hyperbolic tangent: 1 - y^2."""
    return 1 - y * y


def of_arctanh(x: Tensor, y: Tensor) -> Tensor:
    """Of the inverse hyperbolic tangent."""
    return (1 - x * x).reciprocal_()


def of_sigmoid(x: Tensor, y: Tensor) -> Tensor:
    """Of the logistic function: y (1 - y)."""
    return y - y * y


def of_erf(x: Tensor, y: Tensor) -> Tensor:
    """Of the error function."""
    return (x * x).neg_().exp_().mul_(2 / math.sqrt(math.pi))


def of_gaussian(x: Tensor, y: Tensor) -> Tensor:
    """Of exp(-x^2): -2 x y."""
    return (x * y).mul_(-2)


def of_lorentzian(x: Tensor, y: Tensor) -> Tensor:
    """Of 1/(1 + x^2): -2 x y^2."""
    return (x * y).mul_(y).mul_(-2)


def of_sinc(x: Tensor, y: Tensor) -> Tensor:
    """Of sin(x) / x: (cos(x) - y) / x."""
    return (x.cos() - y).div_(x)
