"""The three functions of `reference.py` by compiled kernels: CPU, float32 and float64, nothing copied.

The kernels are given addresses and sizes. What they rely on is seen to here and in `dispatch.py`: plain tensors on
the CPU, of one data type, whose shapes fit, in dense rows.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ..errors import ShapeError
from .bases import BASES
from .spec import EXTRAPOLATION_IDS, EdgeSpec, EdgeWeights, check_shapes, with_unit_stride

try:
    from ._native import (
        MAX_DEGREE,
        FusedNetworkF32,
        FusedNetworkF64,
        LayerF32,
        LayerF64,
        LayerwiseNetworkF32,
        LayerwiseNetworkF64,
    )
    from ._native import fit_programs as _fit_programs
    from ._native import use_target as _use_target
except ImportError:  # built without a compiler
    AVAILABLE = False
else:
    AVAILABLE = True
_BASE_IDS = {name: base.native_id for name, base in BASES.items() if base.native_id is not None}
_FEWEST_PER_THREAD = 2**17  # multiply-adds below which waking a thread costs more than it does


def supports(x: Tensor, weights: EdgeWeights, knots: Tensor, spec: EdgeSpec) -> bool:
    """Whether the kernels know the device and the data type, which all tensors must share, and the kind of edges.

    Example:
        >>> weights = EdgeWeights(torch.ones(1, 4, 1), torch.ones(1, 1))
        >>> x, knots = torch.zeros(1, 1, dtype=torch.bfloat16), torch.arange(8.0)[None]
        >>> supports(x, weights, knots, EdgeSpec(3))
        False
    """
    dtype, (coef, base, scale) = x.dtype, weights
    return (
        AVAILABLE
        and x.is_cpu
        and coef.is_cpu
        and base.is_cpu
        and knots.is_cpu
        and dtype in (torch.float32, torch.float64)
        and dtype == coef.dtype == base.dtype == knots.dtype
        and (scale is None or (scale.is_cpu and scale.dtype == dtype))
        and kind_ids(spec.degree, spec.base, spec.extrapolation) is not None
    )


def kind_ids(degree: int, base: str, extrapolation: str) -> tuple[int, int, int] | None:
    """The kind of edges, as the kernels are told; None where there are no kernels for it."""
    if (
        not AVAILABLE
        or degree > MAX_DEGREE
        or base not in _BASE_IDS
        or extrapolation not in EXTRAPOLATION_IDS
    ):
        return None
    return degree, _BASE_IDS[base], EXTRAPOLATION_IDS[extrapolation]


def make_fused_network(dtype: torch.dtype, batch: int, layers: list[Any]) -> Any:
    """A whole small network, fused into one call each way; see `network/execution/fused.py`."""
    return (FusedNetworkF32 if dtype == torch.float32 else FusedNetworkF64)(batch, layers)


def make_layerwise_network(dtype: torch.dtype, batch: int, layers: list[Any]) -> Any:
    """A network of larger layers, kernel after kernel; see `network/execution/layerwise.py`."""
    kind = LayerwiseNetworkF32 if dtype == torch.float32 else LayerwiseNetworkF64
    return kind(batch, layers, torch.get_num_threads())


def fit_programs(fits: list[Any], samples: Any, settings: Any, damping: float, threads: int) -> list[float]:
    """Formulas fitted to samples, given by addresses; see `discovery/compiled_fits.py`."""
    return list[float](_fit_programs(fits, samples, settings, damping, threads))


def use_target(name: str | None) -> bool:
    """Run the kernels of another kind of processor: "baseline", "avx2", "avx512"; None for the best.

    Returns:
        Whether this processor can run them; if not, nothing changes.
    """
    return AVAILABLE and _use_target(name or "")


def sums(
    x: Tensor,
    factor: Tensor | None,
    weights: EdgeWeights,
    knots: Tensor,
    spec: EdgeSpec,
    order: int = 0,
    *,
    mask: Tensor | None = None,
) -> Tensor:
    """Sums over the inputs, shape (batch, out); `mask` (in, out), dense, multiplies each edge."""
    check_shapes(x, weights, knots, spec, factor)
    x, factor = x.contiguous(), None if factor is None else factor.contiguous()
    weights, knots = with_unit_stride(weights), knots.contiguous()
    result = x.new_empty(x.shape[0], weights.coef.shape[2])
    _bind(x, weights, knots, spec, order, mask).sums(x.data_ptr(), _address(factor), result.data_ptr())
    return result


def input_gradient(
    x: Tensor,
    grad: Tensor,
    weights: EdgeWeights,
    knots: Tensor,
    spec: EdgeSpec,
    order: int = 1,
    *,
    mask: Tensor | None = None,
) -> Tensor:
    """What reaches each input from the gradient (batch, out) of the sums, shape (batch, in)."""
    check_shapes(x, weights, knots, spec, None, grad)
    x, grad, weights, knots = x.contiguous(), grad.contiguous(), with_unit_stride(weights), knots.contiguous()
    result = torch.empty_like(x)
    _bind(x, weights, knots, spec, order, mask).input_gradient(
        x.data_ptr(), grad.data_ptr(), result.data_ptr()
    )
    return result


def weight_gradient(
    x: Tensor,
    factor: Tensor | None,
    grad: Tensor,
    weights: EdgeWeights,
    knots: Tensor,
    spec: EdgeSpec,
    order: int = 0,
    *,
    mask: Tensor | None = None,
) -> EdgeWeights:
    """Gradients of the weights, in their shapes; that of the scale is None where the scale is."""
    check_shapes(x, weights, knots, spec, factor, grad)
    x, factor = x.contiguous(), None if factor is None else factor.contiguous()
    grad, weights, knots = grad.contiguous(), with_unit_stride(weights), knots.contiguous()
    coef, base = x.new_empty(weights.coef.shape), x.new_empty(weights.base.shape)
    scale = None if weights.scale is None else torch.empty_like(base)
    _bind(x, weights, knots, spec, order, mask).weight_gradient(
        x.data_ptr(),
        _address(factor),
        grad.data_ptr(),
        coef.data_ptr(),
        base.data_ptr(),
        _address(scale),
        coef.stride(0),
        base.stride(0),
    )
    return EdgeWeights(coef, base, scale)


def supports_covariance(x: Tensor, knots: Tensor, spec: EdgeSpec) -> bool:
    """Whether compiled code makes covariances of these features at these points."""
    return (
        AVAILABLE
        and x.is_cpu
        and knots.is_cpu
        and x.dtype == knots.dtype
        and x.dtype in (torch.float32, torch.float64)
        and kind_ids(spec.degree, spec.base, spec.extrapolation) is not None
    )


def covariance(x: Tensor, knots: Tensor, spec: EdgeSpec) -> tuple[Tensor, Tensor]:
    """Means (in, 1 + size) and covariances (in, 1 + size, 1 + size) of the features over the samples."""
    features = _features(x, knots, spec)
    mean = x.new_empty(x.shape[1], features)
    result = x.new_empty(x.shape[1], features, features)
    x, knots = x.contiguous(), knots.contiguous()
    _bind_features(x, knots, spec).covariance(x.data_ptr(), mean.data_ptr(), result.data_ptr())
    return mean, result


def covariance_gradient(x: Tensor, pull: Tensor, shift: Tensor, knots: Tensor, spec: EdgeSpec) -> Tensor:
    """What reaches `x` (batch, in): sum_ac slope_a (pull_ac value_c - shift_a), over the features of each input."""
    features = _features(x, knots, spec)
    if pull.shape != (x.shape[1], features, features) or shift.shape != pull.shape[:2]:
        raise ShapeError(
            f"covariance_gradient: pull must have shape {(x.shape[1], features, features)}; got {tuple(pull.shape)}. "
            f"It is a gradient of what `covariance` gave."
        )
    x, knots, pull, shift = (part.contiguous() for part in (x, knots, pull, shift))
    result = torch.empty_like(x)
    _bind_features(x, knots, spec).covariance_gradient(
        x.data_ptr(), pull.data_ptr(), shift.data_ptr(), result.data_ptr()
    )
    return result


def _features(x: Tensor, knots: Tensor, spec: EdgeSpec) -> int:
    """How many features an input has, by its knots, which must fit the points."""
    size = knots.shape[-1] - spec.degree - 1
    if x.ndim != 2 or knots.ndim != 2 or knots.shape[0] != x.shape[1] or size <= spec.degree:
        raise ShapeError(
            f"feature_covariance: x must have shape (batch, in) and knots (in, size + k + 1), with more than "
            f"k = {spec.degree} basis functions; got {tuple(x.shape)} and {tuple(knots.shape)}. Replace the knots."
        )
    return 1 + size


def _bind_features(x: Tensor, knots: Tensor, spec: EdgeSpec) -> Any:
    (batch, inputs), size = x.shape, knots.shape[1] - spec.degree - 1
    threads = min(torch.get_num_threads(), 1 + batch * inputs * (spec.degree + 2) ** 2 // _FEWEST_PER_THREAD)
    kind = LayerF32 if x.dtype == torch.float32 else LayerF64
    sizes = (inputs, 1, size, spec.degree, _BASE_IDS[spec.base], EXTRAPOLATION_IDS[spec.extrapolation])
    return kind(sizes, knots.data_ptr(), 0, 0, 0, 0, 0, 0, 0, batch, threads)


def _bind(
    x: Tensor, weights: EdgeWeights, knots: Tensor, spec: EdgeSpec, order: int, mask: Tensor | None
) -> Any:
    inputs, size, outputs = weights.coef.shape
    work = x.shape[0] * inputs * (outputs + 4) * (spec.degree + 2)
    threads = min(torch.get_num_threads(), 1 + work // _FEWEST_PER_THREAD)
    kind = LayerF32 if x.dtype == torch.float32 else LayerF64
    sizes = (inputs, outputs, size, spec.degree, _BASE_IDS[spec.base], EXTRAPOLATION_IDS[spec.extrapolation])
    return kind(
        sizes,
        knots.data_ptr(),
        weights.coef.data_ptr(),
        weights.base.data_ptr(),
        _address(weights.scale),
        _address(mask),
        weights.coef.stride(0),
        weights.base.stride(0),
        order,
        x.shape[0],
        threads,
    )


def _address(tensor: Tensor | None) -> int:
    return 0 if tensor is None else tensor.data_ptr()
