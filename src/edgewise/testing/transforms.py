"""Checks of layers under torch's transformations: derivatives, copies, export, function transforms."""

from __future__ import annotations

import copy
import io
import pickle
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn
from torch.autograd import gradcheck, gradgradcheck
from torch.func import functional_call, jacrev, vmap

from .case import LayerCase
from .compare import check_same_function, state_bits
from .require import require, require_close


def _gradients(case: LayerCase) -> None:
    layer, x = case.layer(), case.x(3, seed=1).requires_grad_()
    names = [name for name, value in layer.named_parameters() if value.requires_grad]
    values = [dict(layer.named_parameters())[name].detach().requires_grad_() for name in names]

    def outputs(x: Tensor, *values: Tensor) -> Tensor:
        return functional_call(layer, dict(zip(names, values, strict=True)), (x,))

    require(gradcheck(outputs, (x, *values), fast_mode=True), "first derivatives are wrong")
    require(gradgradcheck(outputs, (x, *values), fast_mode=True, atol=1e-4), "second derivatives are wrong")


def _copies(case: LayerCase) -> None:
    layer, x = case.layer(), case.x(5).requires_grad_()
    layer(x)
    _require_equal(copy.deepcopy(layer), layer, x, "deepcopy after a forward pass")
    with torch.no_grad():
        for value in layer.parameters():
            value.add_(0.01)
    file = io.BytesIO()
    torch.save(layer.state_dict(), file)
    file.seek(0)
    other = case.layer()
    other.load_state_dict(torch.load(file, weights_only=True))
    _require_equal(other, layer, x, "state dict")


def _pickle(case: LayerCase) -> None:
    layer, x = case.layer(), case.x(5)
    layer(x)
    _require_equal(pickle.loads(pickle.dumps(layer)), layer, x, "pickle")


def _require_equal(other: nn.Module, layer: nn.Module, x: Tensor, what: str) -> None:
    require(state_bits(other) == state_bits(layer), f"{what} must give the same bits; it does not")
    check_same_function(other, layer, x)


def _export(case: LayerCase) -> None:
    layer = case.layer()
    batch = torch.export.Dim("batch", min=2)
    program = torch.export.export(layer, (case.x(4),), dynamic_shapes=({0: batch},))
    x = case.x(9, seed=2)
    require_close(program.module()(x), layer(x), 1e-12, "exported output")


def _func(case: LayerCase) -> None:
    layer, x = case.layer(), case.x(4, seed=3)
    require_close(vmap(layer)(x), layer(x), 1e-12, "vmap")
    slopes = vmap(jacrev(layer))(x)
    require_close(slopes, _jacobians(layer, x), 1e-11, "vmap of jacrev")
    curvatures = jacrev(jacrev(layer))(x[0])
    want = [_jacobians(partial(_slope, layer, i), x[:1])[0] for i in range(x.shape[1])]
    require_close(curvatures, torch.stack(want, dim=-1), 1e-10, "jacrev of jacrev")


def _slope(layer: nn.Module, i: int, x: Tensor) -> Tensor:
    return _jacobians(layer, x)[:, :, i]


def _jacobians(fn: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """Derivatives row by row, (batch, out, in), by plain autograd."""
    with torch.enable_grad():
        x = x if x.requires_grad else x.detach().requires_grad_()
        y = fn(x)
        rows = [_gradient(y[:, j].sum(), x) for j in range(y.shape[1])]
    return torch.stack(rows, dim=1)


def _gradient(total: Tensor, x: Tensor) -> Tensor:
    if not total.requires_grad:
        return torch.zeros_like(x)
    return torch.autograd.grad(total, x, create_graph=True, materialize_grads=True)[0]


TRANSFORM_LAWS: dict[str, Callable[[LayerCase], None]] = {
    "gradients": _gradients,
    "copies": _copies,
    "pickle": _pickle,
    "export": _export,
    "func": _func,
}
