"""Base functions: the smooth residual term added to the spline on each edge."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from ..edges import BASES, is_observed
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
        InputError: the base is a class, a module with parameters or buffers, which an edge has no place for, or
            a function that does not give a number for each number by itself.

    Example:
        >>> find_base("silu")[0], find_base(torch.tanh)[0]
        ('silu', 'tanh')
    """
    base = _BY_MODULE.get(type(base), base)
    if isinstance(base, type):
        raise InputError(
            f"KANLayer: base must be a function of one tensor, or a module; got the class {base.__name__}. "
            f"Give an instance: {base.__name__}()."
        )
    if isinstance(base, nn.Module) and (
        any(True for _ in base.parameters()) or any(True for _ in base.buffers())
    ):
        raise InputError(
            f"KANLayer: base must have no parameters or buffers; got {base}. Give a function of one tensor."
        )
    if callable(base):
        if not any(base is known.function for known in BASES.values()):
            _refuse_unless_elementwise(base)
        return _name_of(base), base
    if not isinstance(base, str) or base not in BASES:
        raise unknown_name("KANLayer", "base", base, BASES)
    return base, BASES[base].function


@torch.no_grad()
def _refuse_unless_elementwise(base: Base) -> None:
    """Try a function of the user's on a few numbers; one that fails on them says so itself, when it is used."""
    if is_observed():
        return
    numbers = torch.tensor([0.75, -0.5, 0.25, 1.5, -1.25, 0.0], device="cpu")
    if all(_seems_elementwise(base, numbers.reshape(shape)) for shape in ((6,), (2, 1, 3))):
        return
    raise InputError(
        f"KANLayer: base must give a number for each number of a tensor, by itself; got {base!r}, which does not. "
        f"Give an elementwise function, such as torch.tanh."
    )


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


def _seems_elementwise(base: Base, x: Tensor) -> bool:
    try:
        whole, apart = base(x), [base(number.reshape([1] * x.ndim)) for number in x.flatten()]
    except Exception:
        return True
    return (
        all(isinstance(one, Tensor) and one.numel() == 1 for one in apart)
        and isinstance(whole, Tensor)
        and whole.shape == x.shape
        and torch.allclose(whole.flatten(), torch.cat([one.reshape(1) for one in apart]), equal_nan=True)
    )
