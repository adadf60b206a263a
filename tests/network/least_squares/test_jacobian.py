"""The Jacobian of a network against autograd, row by row."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from edgewise.errors import InputError
from edgewise.layers import KANLayer
from edgewise.network import Network, Scaler, build, set_formula
from edgewise.network.least_squares.jacobian import has_jacobian, output_jacobian


def by_autograd(model: nn.Module, x: Tensor, parameters: list[nn.Parameter]) -> Tensor:
    rows = []
    for value in model(x).flatten():
        gradients = torch.autograd.grad(value, parameters, materialize_grads=True, retain_graph=True)
        rows.append(torch.cat([gradient.flatten() for gradient in gradients]))
    return torch.stack(rows)


def samples(columns: int = 2, scale: float = 1.5) -> Tensor:
    generator = torch.Generator().manual_seed(3)
    return scale * (2 * torch.rand(9, columns, generator=generator, dtype=torch.float64) - 1)


def assert_is_the_jacobian(model: Network, x: Tensor) -> None:
    parameters = [p for p in model.parameters() if p.requires_grad]
    outputs, jacobian = output_jacobian(model, x)
    torch.testing.assert_close(outputs, model(x).detach())
    torch.testing.assert_close(jacobian.dense(), by_autograd(model, x, parameters))


@pytest.mark.parametrize("extrapolation", ["linear", "constant", "decay", "periodic"])
@pytest.mark.parametrize("base", ["silu", "identity", "zero", torch.tanh])
def test_rows_are_gradients(extrapolation: str, base: object) -> None:
    model = build([2, 3, 2], grid=4, base=base, extrapolation=extrapolation, dtype=torch.float64, seed=1)
    assert_is_the_jacobian(model, samples())


@pytest.mark.parametrize("k", [0, 1, 3, 5])
def test_every_degree(k: int) -> None:
    assert_is_the_jacobian(build([2, 2, 1], grid=3, k=k, dtype=torch.float64, seed=2), samples())


def test_rows_of_fine_grids_are_kept_by_their_entries() -> None:
    model = build([2, 2, 1], grid=100, dtype=torch.float64, seed=2)
    _, jacobian = output_jacobian(model, samples())
    assert not hasattr(jacobian, "matrix")
    assert_is_the_jacobian(model, samples())


def test_products_affine_maps_scalers_and_masks() -> None:
    scaler = Scaler(torch.tensor([0.5, -0.2]), torch.tensor([2.0, 0.7]))
    out = Scaler(torch.tensor([3.0, 1.0]), torch.tensor([10.0, 0.1]))
    built = build(
        [2, [2, 1], [1, 1]], grid=3, mult_arity=2, affine_trainable=True, dtype=torch.float64, seed=4
    )
    model = Network(built.layers, input_scaler=scaler, output_scaler=out)
    with torch.no_grad():
        model.layers[0].basis.mask[1, 0] = 0
        model.layers[1].nodes.subnode_bias.normal_()
    assert_is_the_jacobian(model, samples())


def test_frozen_parameters_are_left_out() -> None:
    model = build([2, 3, 1], dtype=torch.float64)
    model.layers[0].requires_grad_(False)
    _, jacobian = output_jacobian(model, samples())
    assert jacobian.shape[1] == sum(p.numel() for p in model.parameters() if p.requires_grad)
    assert_is_the_jacobian(model, samples())


def test_formula_edges_are_not_served() -> None:
    model = set_formula(build([1, 1]), (0, 0, 0), "sin")
    assert not has_jacobian(model)
    assert not has_jacobian(KANLayer(1, 1))
    with pytest.raises(InputError, match="learnable edges"):
        output_jacobian(model, torch.zeros(3, 1))
