"""The base functions beside the splines: one record each, which every other part reads.

To add one is to add a record to `BASES`. Layers, files, derivatives, exports and formulas then know it. Its sums
run by `reference.py` until the kernels know it too: `base_value` in native/basis.hpp and in triton/basis.py, told
by `native_id` and `in_triton`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn

from ..errors import unknown_name


@dataclass(frozen=True)
class BaseFunction:
    """A base function and all that is known of it.

    Args:
        function: The function of a tensor, elementwise.
        derivative: Its derivative at a tensor, of an order given; order 0 is the function itself.
        formula: The function in any arithmetic, such as SymPy's or that of program text, from a value and the
            exponential function there; None where the function is zero everywhere.
        module: The activation module that stands for it.
        native_id: Its number in `enum Base` of native/kernels.hpp; None where those kernels do not know it.
        in_triton: Whether the Triton kernels know it, by its name.

    Example:
        >>> import math
        >>> BASES["silu"].formula(2.0, math.exp) == 2 / (1 + math.exp(-2))
        True
    """

    function: Callable[[Tensor], Tensor]
    derivative: Callable[[Tensor, int], Tensor]
    formula: Callable[[Any, Callable[[Any], Any]], Any] | None
    module: type[nn.Module] | None = None
    native_id: int | None = None
    in_triton: bool = False


def identity(x: Tensor) -> Tensor:
    """Give `x` itself.

    Example:
        >>> identity(torch.tensor(2.0))
        tensor(2.)
    """
    return x


def base_values(x: Tensor, base: str, order: int = 0) -> Tensor:
    """The base, or its derivative of an order, at each number of `x`.

    Example:
        >>> base_values(torch.tensor([0.0, 2.0]), "identity", 1)
        tensor([1., 1.])
    """
    if base not in BASES:
        raise unknown_name("base_values", "base", base, BASES)
    return BASES[base].derivative(x, order)


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


def _silu_derivative(x: Tensor, order: int) -> Tensor:
    """By Leibniz' rule on x sigmoid(x)."""
    sigmoid = torch.sigmoid(x)
    value = x * _polynomial(sigmoid, sigmoid_polynomial(order))
    if order:
        value = value + order * _polynomial(sigmoid, sigmoid_polynomial(order - 1))
    return value


def _identity_derivative(x: Tensor, order: int) -> Tensor:
    if order > 1:
        return torch.zeros_like(x)
    return x if order == 0 else torch.ones_like(x)


def _zero_derivative(x: Tensor, order: int) -> Tensor:
    return torch.zeros_like(x)


def _polynomial(x: Tensor, coefficients: list[float]) -> Tensor:
    value = torch.zeros_like(x)
    for coefficient in reversed(coefficients):
        value = value * x + coefficient
    return value


BASES: Mapping[str, BaseFunction] = MappingProxyType(
    {
        "silu": BaseFunction(
            nn.functional.silu,
            _silu_derivative,
            lambda x, exp: x / (1 + exp(-x)),
            module=nn.SiLU,
            native_id=0,
            in_triton=True,
        ),
        "identity": BaseFunction(
            identity, _identity_derivative, lambda x, exp: x, module=nn.Identity, native_id=1, in_triton=True
        ),
        "zero": BaseFunction(torch.zeros_like, _zero_derivative, None, native_id=2, in_triton=True),
    }
)
"""Base functions by name; a function of the user's own is added by the layer itself."""
