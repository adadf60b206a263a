"""Which tensors the kernels may read and write by address: plain ones, while nobody follows what torch computes.

A kernel sees an address and sizes. A tensor subclass has no memory of its own, a view that is still to be negated
holds the wrong numbers, and a tracer or mode learns nothing of what a kernel does. In all these cases the sums run
in plain torch (`reference.py`), which torch can follow.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.utils._device import DeviceContext

PLAIN_TYPES = frozenset({Tensor, nn.Parameter})
"""Types of tensors without behaviour of their own."""

_dispatch_modes = torch._C._len_torch_dispatch_stack
_function_modes = torch._C._len_torch_function_stack
_is_tracing = torch._C._is_tracing
_transform = torch._C._functorch.peek_interpreter_stack


def is_observed() -> bool:
    """Whether a mode, a tracer, a transform of `torch.func` or a compiler is at work.

    Example:
        >>> from torch.utils.flop_counter import FlopCounterMode
        >>> with FlopCounterMode(display=False):
        ...     seen = is_observed()
        >>> seen, is_observed()
        (True, False)
    """
    if torch.compiler.is_compiling():
        return True
    if _dispatch_modes() or _is_tracing() or _transform() is not None:
        return True
    return bool(_function_modes()) and _is_followed_by_functions()


def _is_followed_by_functions() -> bool:
    """Whether a function mode is at work that does more than choose the device of new tensors."""
    modes = (torch._C._get_function_stack_at(place) for place in range(_function_modes()))
    return not all(type(mode) is DeviceContext for mode in modes)


def are_plain(*tensors: Tensor | None) -> bool:
    """Whether all of these hold their numbers where their addresses say; None counts as plain.

    Example:
        >>> are_plain(torch.ones(2), None), are_plain(torch._efficientzerotensor(2))
        (True, False)
    """
    try:
        for tensor in tensors:
            if tensor is None:
                continue
            if (
                type(tensor) not in PLAIN_TYPES
                or tensor.is_neg()
                or (not tensor.data_ptr() and tensor.numel())
            ):
                return False
    except RuntimeError:  # without storage: sparse, or batched by torch's own older vmap
        return False
    return True


def is_plain(tensor: Tensor) -> bool:
    """Whether the tensor is no subclass, and holds its numbers, as they are, at its address.

    Example:
        >>> is_plain(torch.ones(2)), is_plain(torch.ones(2, device="meta"))
        (True, False)
    """
    return are_plain(tensor)
