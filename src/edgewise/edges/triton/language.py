"""Triton from 3.5 on where it is installed, and stand-ins that let the kernels be read where it is not.

Triton 3.4, of torch 2.8, has no narrow products of matrices, nor functions of constants where we import them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

try:
    import triton.language as tl
    from triton import constexpr_function, jit, knobs
except ImportError:
    tl = None

    _Function = TypeVar("_Function", bound=Callable[..., Any])

    def jit(function: _Function) -> _Function:
        """The function as it is: nothing calls it."""
        return function

    constexpr_function = jit

AVAILABLE = tl is not None
"""Whether kernels can be compiled or interpreted."""

INTERPRETED = AVAILABLE and bool(knobs.runtime.interpret)
"""Whether kernels run in Triton's interpreter (TRITON_INTERPRET=1), on tensors of any device."""

__all__ = ["AVAILABLE", "INTERPRETED", "constexpr_function", "jit", "tl"]
