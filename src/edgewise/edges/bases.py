"""Derivatives of any order of the bases that the compiled implementations know."""

from __future__ import annotations

import torch
from torch import Tensor

from ..errors import unknown_name
from .spec import BASES


def base_values(x: Tensor, base: str, order: int = 0) -> Tensor:
    """The base, or its derivative of an order, at each number of `x`.

    Example:
        >>> base_values(torch.tensor([0.0, 2.0]), "identity", 1)
        tensor([1., 1.])
    """
    if base not in BASES:
        raise unknown_name("base_values", "base", base, BASES)
    if base == "zero" or (base == "identity" and order > 1):
        return torch.zeros_like(x)
    if base == "identity":
        return x if order == 0 else torch.ones_like(x)
    sigmoid = torch.sigmoid(x)
    value = x * _polynomial(sigmoid, sigmoid_polynomial(order))
    if order:
        value = value + order * _polynomial(sigmoid, sigmoid_polynomial(order - 1))
    return value


def sigmoid_polynomial(order: int) -> list[float]:
    """Coefficients, constant first, of the polynomial in s = sigmoid(x) that is its derivative.

    From ds/dx = s (1 - s): P_0 = s and P_(n+1) = P_n' s (1 - s).

    Example:
        >>> sigmoid_polynomial(1)
        [0.0, 1.0, -1.0]
    """
    coefficients = [0.0, 1.0]
    for _ in range(order):
        slope = [power * value for power, value in enumerate(coefficients)][1:]
        coefficients = [0.0] * (len(slope) + 2)
        for power, value in enumerate(slope):
            coefficients[power + 1] += value
            coefficients[power + 2] -= value
    return coefficients


def _polynomial(x: Tensor, coefficients: list[float]) -> Tensor:
    value = torch.zeros_like(x)
    for coefficient in reversed(coefficients):
        value = value * x + coefficient
    return value
