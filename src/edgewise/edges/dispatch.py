"""Which implementation does the sums: chosen here and nowhere else."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from types import ModuleType
from typing import Any, NamedTuple

import torch
from torch import Tensor

from .._optional import optional
from . import native, reference
from .plain import are_plain, is_observed
from .spec import EdgeSpec, EdgeWeights
from .triton import plan as triton_plan


class Kernels(NamedTuple):
    """One implementation of the three functions of `reference.py`."""

    sums: Callable[..., Tensor]
    input_gradient: Callable[..., Tensor]
    weight_gradient: Callable[..., EdgeWeights]


def select_kernels(
    x: Tensor, weights: EdgeWeights, knots: Tensor, spec: EdgeSpec, *others: Tensor | None
) -> Kernels | None:
    """The kernels that may run on these tensors now; None for plain torch.

    Args:
        x: Points, shape (batch, in).
        weights: Of the edges.
        knots: Their knots.
        spec: Their kind.
        others: What else the kernels are given.

    Example:
        >>> weights = EdgeWeights(torch.ones(1, 4, 1), torch.ones(1, 1))
        >>> select_kernels(torch.zeros(1, 1), weights, torch.arange(8.0)[None], EdgeSpec(3)) is None
        False
    """
    found = kernels_of_kind(x, weights, knots, spec)
    if found is None or is_observed() or not are_plain(x, *weights, knots, *others):
        return None
    return found


def kernels_of_kind(x: Tensor, weights: EdgeWeights, knots: Tensor, spec: EdgeSpec) -> Kernels | None:
    """The kernels for tensors of this device and type, and for edges of this kind; None for plain torch.

    Warns once if the package was built without its compiled part.

    Example:
        >>> weights = EdgeWeights(torch.ones(1, 4, 1), torch.ones(1, 1))
        >>> x, knots = torch.zeros(1, 1, dtype=torch.bfloat16), torch.arange(8.0)[None]
        >>> kernels_of_kind(x, weights, knots, EdgeSpec(3)) is None
        True
    """
    choose = _BY_DEVICE.get(x.device.type)
    return None if choose is None else choose(x, weights, knots, spec)


def _on_cpu(x: Tensor, weights: EdgeWeights, knots: Tensor, spec: EdgeSpec) -> Kernels | None:
    if not native.AVAILABLE:
        _warn_once("native", _NOT_BUILT)
    return _NATIVE if native.supports(x, weights, knots, spec) else None


def _on_cuda(x: Tensor, weights: EdgeWeights, knots: Tensor, spec: EdgeSpec) -> Kernels | None:
    # Nothing of Triton is looked at here: while torch compiles, this is read by the compiler.
    return _TRITON if _triton_ok["triton"] and triton_plan.supports(x, weights, knots, spec) else None


def _by_triton(name: str) -> Callable[..., Any]:
    """A function of `triton.launch`; that of the reference once Triton has failed.

    Kernels are compiled when first needed, for the device that is there. That takes a C compiler, and may go
    wrong on a device or with a version on which nobody tried it.
    """

    def run(*args: Any) -> Any:
        if _triton_ok["triton"]:
            try:
                return getattr(_load_triton(), name)(*args)
            except (torch.OutOfMemoryError, torch.AcceleratorError):
                raise
            except Exception as error:
                _triton_ok["triton"] = False
                _warn_once("triton", _NO_TRITON.format(error=f"{type(error).__name__}: {error}"))
        return getattr(reference, name)(*args)

    return run


@cache
def _load_triton() -> ModuleType:
    if torch.version.hip is not None or find_spec("triton") is None:
        raise RuntimeError("Triton for NVIDIA's devices is not installed")
    if not optional("edgewise.edges.triton.language", "", "The sums on CUDA").AVAILABLE:
        raise RuntimeError("Triton is older than 3.5, which comes with torch 2.9")
    for device in range(torch.cuda.device_count()):
        if torch.cuda.get_device_capability(device) < triton_plan.MIN_CAPABILITY:
            raise RuntimeError(f"device {device} is older than compute capability 8.0")
    return optional("edgewise.edges.triton.launch", "", "The sums on CUDA")


REFERENCE = Kernels(reference.sums, reference.input_gradient, reference.weight_gradient)
_NATIVE = Kernels(native.sums, native.input_gradient, native.weight_gradient)
_TRITON = Kernels(_by_triton("sums"), _by_triton("input_gradient"), _by_triton("weight_gradient"))
_BY_DEVICE = {"cpu": _on_cpu, "cuda": _on_cuda}

_NOT_BUILT = (
    "edgewise was installed without its compiled part and runs on plain torch, several times slower. "
    "Install it where a C++ compiler (GCC or Clang) is at hand, or from a wheel."
)
_NO_TRITON = (
    "edgewise runs on plain torch on CUDA, several times slower, as Triton's kernels failed. "
    "Triton needs a C compiler and Python's headers at hand. It said: {error}"
)
_triton_ok = {"triton": True}
_warned: set[str] = set()


def _warn_once(kind: str, message: str) -> None:
    # A warning would break a graph in two.
    if kind in _warned or torch.compiler.is_compiling():
        return
    _warned.add(kind)
    warnings.warn(message, RuntimeWarning, stacklevel=2)
