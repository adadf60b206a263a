"""Which implementation does the sums: chosen here and nowhere else."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from . import native, reference
from .spec import EdgeSpec, EdgeWeights


class Kernels(NamedTuple):
    """One implementation of the three functions of `reference.py`."""

    sums: Callable[..., Tensor]
    input_gradient: Callable[..., Tensor]
    weight_gradient: Callable[..., EdgeWeights]


REFERENCE = Kernels(reference.sums, reference.input_gradient, reference.weight_gradient)
_NATIVE = Kernels(native.sums, native.input_gradient, native.weight_gradient)


def find_kernels(x: Tensor, weights: EdgeWeights, knots: Tensor, spec: EdgeSpec) -> Kernels | None:
    """The kernels for these tensors; None for plain torch.

    Warns once if the package was built without its compiled part.

    Example:
        >>> weights = EdgeWeights(torch.ones(1, 4, 1), torch.ones(1, 1))
        >>> x, knots = torch.zeros(1, 1, dtype=torch.bfloat16), torch.arange(8.0)[None]
        >>> find_kernels(x, weights, knots, EdgeSpec(3)) is None
        True
    """
    if x.device.type != "cpu" or torch.is_autocast_enabled("cpu"):
        return None
    if not native.AVAILABLE:
        _warn_once()
    return _NATIVE if native.serves(x, weights, knots, spec) else None


_warned = False


def _warn_once() -> None:
    global _warned
    if _warned:
        return
    _warned = True
    warnings.warn(
        "edgewise was installed without its compiled part and runs on plain torch, several times slower. "
        "Install it where a C++ compiler (GCC or Clang) is at hand, or from a wheel.",
        RuntimeWarning,
        stacklevel=2,
    )
