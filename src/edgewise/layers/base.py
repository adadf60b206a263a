"""Residual base functions: the smooth part beside the spline on each edge."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from ..errors import unknown_name

Base = Callable[[Tensor], Tensor]


def identity(x: Tensor) -> Tensor:
    """Give `x` itself.

    Example:
        >>> identity(torch.tensor(2.0))
        tensor(2.)
    """
    return x


BASES: dict[str, Base] = {"silu": torch.nn.functional.silu, "identity": identity, "zero": torch.zeros_like}


def find_base(base: str | Base) -> tuple[str, Base]:
    """Give the name and the function of a base.

    Args:
        base: "silu", "identity", "zero", or any elementwise function of a tensor.

    Returns:
        Name and function; a function of the user's goes by its own name.

    Raises:
        UnknownName: no base has that name.

    Example:
        >>> find_base("silu")[0], find_base(torch.tanh)[0]
        ('silu', 'tanh')
    """
    if callable(base):
        known = [name for name, fn in BASES.items() if fn is base]
        return (known[0] if known else getattr(base, "__name__", type(base).__name__)), base
    if base not in BASES:
        raise unknown_name("KANLayer", "base", base, BASES)
    return base, BASES[base]
