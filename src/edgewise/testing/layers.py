"""Checks of layers: they behave as `nn.Linear` does."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection

import torch
from torch import Tensor, nn

from .case import LayerCase
from .compare import state_bits
from .require import require, require_close
from .transforms import TRANSFORM_LAWS

_PRECISION = {torch.float64: 1e-12, torch.float32: 1e-4, torch.bfloat16: 0.1}


def check_layer(
    factory: Callable[[], nn.Module],
    *,
    in_features: int | None = None,
    span: tuple[float, float] = (-0.9, 0.9),
    skip: Collection[str] = (),
) -> None:
    """A layer behaves as a module should, and its edges add up.

    The laws, by name: "leading" (any leading dimensions, any strides), "empty" (an empty batch, with
    gradients), "dtypes" (float32, float64, bfloat16 by `.to`), "pure" (a forward changes and keeps nothing),
    "edges" (`edges(x)` summed over inputs is the output), "mask" (an edge masked is 0 and no other changes),
    "moments" (`forward_with_moments` gives the mean and variance of `edges`), "gradients" (first and second
    derivatives in inputs and parameters against finite differences), "copies" (deepcopy and state dict,
    also through a file), "pickle", "export" (`torch.export` with a dynamic batch), "func" (`vmap`, `jacrev`
    and `jacrev` of `jacrev`). Laws on what a layer lacks (`edges`, `mask`, ...) are passed over.

    Args:
        factory: Makes the layer, the same each time; it maps (..., in) to (..., out).
        in_features: Number of inputs; the layer's own `in_features` if None.
        span: Range of the samples, in the units of the layer's input.
        skip: Names of laws to leave out.

    Raises:
        AssertionError: a law is broken; the message starts with its name.

    Example:
        >>> from edgewise.layers import KANLayer
        >>> check_layer(lambda: KANLayer(2, 3, grid=4, base="identity", seed=0), skip=["export"])
    """
    unknown = set(skip) - set(LAWS)
    require(not unknown, f"skip must name laws among {', '.join(LAWS)}; got {', '.join(sorted(unknown))}")
    features = factory().in_features if in_features is None else in_features
    case = LayerCase(factory, features, *span)
    for name, law in LAWS.items():
        if name in skip:
            continue
        try:
            law(case)
        except Exception as error:
            raise AssertionError(f"{name}: {error}") from error


def _leading(case: LayerCase) -> None:
    layer, x = case.layer(), case.x(12)
    want = layer(x)
    for leading in ((12,), (3, 4), (2, 3, 2), (1, 12)):
        shaped = layer(x.reshape(*leading, case.in_features))
        require_close(shaped, want.reshape(*leading, -1), 1e-13, f"leading dimensions {leading}")
    require_close(layer(x[0]), want[0], 1e-13, "no leading dimension")
    strided = x.T.contiguous().T
    require_close(layer(strided), want, 1e-13, "columns that are not contiguous")


def _empty(case: LayerCase) -> None:
    layer = case.layer()
    outputs = layer(case.x(1)).shape[-1]
    x = case.x(0).requires_grad_()
    y = layer(x)
    require(y.shape == (0, outputs), f"an empty batch must give shape {(0, outputs)}; got {tuple(y.shape)}")
    y.sum().backward()
    for name, value in layer.named_parameters():
        require(value.grad is None or value.grad == 0, f"an empty batch must give {name} a gradient of 0")


def _dtypes(case: LayerCase) -> None:
    want, x = case.layer()(case.x(20)), case.x(20)
    for dtype, tolerance in _PRECISION.items():
        layer = case.layer().to(dtype)
        y = layer(x.to(dtype))
        require(y.dtype == dtype, f"the output must have the dtype {dtype}; got {y.dtype}")
        odd = [name for name, value in layer.named_parameters() if value.dtype != dtype]
        require(not odd, f".to({dtype}) must reach every parameter; it left out {', '.join(odd)}")
        require_close(y, want, tolerance, f"output in {dtype}")
        if y.requires_grad:
            y.sum().backward()


def _pure(case: LayerCase) -> None:
    layer, x = case.layer(), case.x(5)
    before, attributes = state_bits(layer), set(vars(layer))
    first, second = layer(x), layer(x)
    require(first == second, "two forward passes must give the same bits; they do not")
    require(state_bits(layer) == before, "a forward pass must change nothing; it changed the state")
    added = set(vars(layer)) - attributes
    require(not added, f"a forward pass must keep nothing; it added {', '.join(sorted(added))}")


def _edges(case: LayerCase) -> None:
    layer, x = case.layer(), case.x(2, 6)
    if not hasattr(layer, "edges"):
        return
    y, edges = layer(x), layer.edges(x)
    require(edges.shape == (2, 6, case.in_features, y.shape[-1]), f"edges: got shape {tuple(edges.shape)}")
    require_close(edges.sum(-2), y, 1e-12, "sum of the edges")


def _mask(case: LayerCase) -> None:
    layer, x = case.layer(), case.x(7)
    if "mask" not in dict(layer.named_buffers()):
        return
    masked = copy.deepcopy(layer)
    masked.mask[0, 0] = 0
    want = layer.edges(x).clone()
    want[:, 0, 0] = 0
    require(masked.edges(x)[:, 0, 0] == 0, "a masked edge must be 0; it is not")
    require_close(masked.edges(x), want, 1e-13, "the other edges")
    require_close(masked(x), want.sum(1), 1e-12, "output with a masked edge")


def _moments(case: LayerCase) -> None:
    layer = case.layer()
    if not hasattr(layer, "forward_with_moments"):
        return
    for batch in (1, 50):
        x = case.x(batch)
        y, mean, variance = layer.forward_with_moments(x)
        edges: Tensor = layer.edges(x)
        require_close(y, layer(x), 1e-12, "output beside the moments")
        require_close(mean, edges.mean(0), 1e-12, "mean of the edges")
        require_close(variance, edges.var(0, correction=0), 1e-12, "variance of the edges")


LAWS: dict[str, Callable[[LayerCase], None]] = {
    "leading": _leading,
    "empty": _empty,
    "dtypes": _dtypes,
    "pure": _pure,
    "edges": _edges,
    "mask": _mask,
    "moments": _moments,
    **TRANSFORM_LAWS,
}
