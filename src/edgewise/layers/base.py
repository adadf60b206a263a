"""Base functions: the smooth residual term added to the spline on each edge."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from ..edges import BASES
from ..errors import InputError, unknown_name

Base = Callable[[Tensor], Tensor]


_BY_MODULE = {base.module: name for name, base in BASES.items() if base.module is not None}


def find_base(base: str | Base) -> tuple[str, Base]:
    """Give the name and the function of a base.

    Args:
        base: "silu", "identity", "zero", or any elementwise function of a tensor.

    Returns:
        Name and function; a function of the user's goes by its own name, as "own silu" where that is taken.

    Raises:
        UnknownName: no base has that name.
        InputError: the base is a module with parameters or buffers, which an edge has no place for.

    Example:
        >>> find_base("silu")[0], find_base(torch.tanh)[0]
        ('silu', 'tanh')
    """
    base = _BY_MODULE.get(type(base), base)
    if isinstance(base, nn.Module) and base.state_dict():
        raise InputError(
            f"KANLayer: base must have no parameters or buffers; got {base}. Give a function of one tensor."
        )
    if callable(base):
        return _name_of(base), base
    if not isinstance(base, str) or base not in BASES:
        raise unknown_name("KANLayer", "base", base, BASES)
    return base, BASES[base].function


def _name_of(base: Base) -> str:
    for name, known in BASES.items():
        if base is known.function:
            return name
    name = getattr(base, "__name__", type(base).__name__)
    return f"own {name}" if name in BASES else name


def base_derivative(base: Base, x: Tensor, order: int) -> Tensor:
    """The derivative of an order of a base at each number of `x`: in closed form, or by repeated differentiation.

    Example:
        >>> base_derivative(torch.square, torch.tensor([3.0]), 1)
        tensor([6.])
    """
    for known in BASES.values():
        if base is known.function:
            return known.derivative(x, order)
    listening = torch.is_grad_enabled() and x.requires_grad
    with torch.enable_grad():
        point = x if listening else x.detach().clone().requires_grad_()
        value = base(point)
        for left in range(order, 0, -1):
            if not value.requires_grad:
                return torch.zeros_like(x)
            again = listening or left > 1
            (value,) = torch.autograd.grad(value.sum(), point, create_graph=again)
    return value
