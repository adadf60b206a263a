"""Every kind of layer keeps the laws of layers."""

from __future__ import annotations

import pytest
import torch

from edgewise.functions import LIBRARY
from edgewise.layers import FormulaLayer, KANLayer, NodeLayer
from edgewise.layers.init import INITIALISATIONS
from edgewise.network import Scaler, build, set_formula, update_grid
from edgewise.testing import check_layer
from edgewise.testing.layers import LAWS

EXPORT = ["export"]  # about a second each: once for every class of layer is enough
KINKED = {"abs", "sgn", "0"}


def wave(x: torch.Tensor) -> torch.Tensor:
    return torch.sin(2 * x) + 0.1 * x**2


def test_kan_layer_of_the_defaults_keeps_every_law():
    check_layer(lambda: KANLayer(3, 2, seed=0))


@pytest.mark.parametrize("k", range(7))
def test_every_degree(k):
    check_layer(lambda: KANLayer(2, 3, grid=4, k=k, seed=k), skip=EXPORT)


@pytest.mark.parametrize(
    "base",
    ["silu", "identity", "zero", torch.tanh, wave, torch.nn.GELU()],
    ids=["silu", "identity", "zero", "tanh", "wave", "gelu"],
)
def test_every_base(base):
    check_layer(lambda: KANLayer(2, 2, grid=3, base=base, seed=0), skip=EXPORT)


@pytest.mark.parametrize("extrapolation", ["linear", "constant", "decay", "periodic"])
@pytest.mark.parametrize("k", [1, 3])
def test_every_extrapolation_in_and_out_of_range(extrapolation, k):
    # One step wider than the grid, and no sample near a kink at its ends.
    check_layer(
        lambda: KANLayer(2, 2, grid=3, k=k, extrapolation=extrapolation, grid_range=(-0.5, 0.6), seed=0),
        span=(-0.9, 0.9),
        skip=EXPORT,
    )


def test_the_error_extrapolation_inside_its_grid():
    # A check of values cannot be traced into a graph, nor asked under vmap: that is the rule's price.
    check_layer(lambda: KANLayer(2, 2, extrapolation="error", seed=0), skip=["export", "func"])


@pytest.mark.parametrize("grid", [1, 2, 20])
@pytest.mark.parametrize("init", sorted(INITIALISATIONS))
def test_every_grid_and_initialisation(grid, init):
    check_layer(lambda: KANLayer(3, 1, grid=grid, init=init, seed=0), skip=EXPORT)


def adapted() -> KANLayer:
    network = build([2, 3], grid=6, dtype=torch.float64)
    generator = torch.Generator().manual_seed(3)
    update_grid(network, torch.rand(40, 2, generator=generator, dtype=torch.float64) ** 3 * 2 - 1)
    return network.layers[0].basis


def test_unequal_knots():
    check_layer(adapted, skip=EXPORT)


@pytest.mark.parametrize("name", sorted(set(LIBRARY) - KINKED))
def test_formula_layer_with_every_smooth_function(name):
    affine = (0.3, 0.5, 0.7, -0.2)  # a x + b in 0.23 .. 0.77: inside every domain
    check_layer(lambda: FormulaLayer(2, 2).with_edge(0, 1, name, affine), skip=EXPORT)


@pytest.mark.parametrize("name", sorted(KINKED))
def test_formula_layer_with_a_kinked_function(name):
    check_layer(lambda: FormulaLayer(1, 1).with_edge(0, 0, name, (1, 2, 1, 0)), skip=EXPORT)


def test_formula_layer_of_many_edges_keeps_every_law():
    def many() -> FormulaLayer:
        layer = FormulaLayer(3, 2)
        for i, j, name in [(0, 0, "sin"), (1, 0, "x^2"), (2, 1, "sin"), (0, 1, "exp"), (1, 1, "tanh")]:
            layer = layer.with_edge(i, j, name, (0.5 + i, 0.1, 1.0 + j, 0.2))
        return layer

    check_layer(many)


def test_formula_layer_without_edges():
    check_layer(lambda: FormulaLayer(3, 2), skip=["gradients", "export", "empty", "func"])


@pytest.mark.parametrize(
    ("sums", "arities"), [(3, ()), (1, (2,)), (0, (2, 2)), (2, (3, 2)), (1, (4, 2, 3))], ids=str
)
def test_node_layer_of_every_arity(sums, arities):
    nodes = NodeLayer(sums, arities, affine_trainable=True)
    check_layer(
        lambda: NodeLayer(sums, arities, affine_trainable=True), in_features=nodes.subnodes, skip=EXPORT
    )


def test_node_layer_keeps_every_law():
    check_layer(lambda: NodeLayer(1, (2, 3), affine_trainable=True), in_features=6)


def network():
    scaler = Scaler(torch.tensor([0.1, -0.2]), torch.tensor([2.0, 0.5]))
    plain = build([2, (2, [2, 3]), 2], affine_trainable=True, input_scaler=scaler, seed=1)
    return set_formula(plain, (0, 1, 0), "sin", (1.5, 0.2, 0.7, 0.1))


def test_a_whole_network_keeps_every_law():
    check_layer(network, in_features=2)


def test_a_stage_keeps_every_law():
    # Its edges run into sub-nodes, not into its outputs.
    check_layer(lambda: network().layers[0], in_features=2, skip=["edges"])


def test_laws_have_the_names_the_documentation_gives():
    assert all(f'"{name}"' in check_layer.__doc__ for name in LAWS)
