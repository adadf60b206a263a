from __future__ import annotations

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from edgewise.errors import InputError
from edgewise.layers import NodeLayer
from edgewise.testing import state_bits


def scattered(sums, arities) -> NodeLayer:
    nodes = NodeLayer(sums, arities, dtype=torch.float64)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for value in nodes.parameters():
            value.copy_(torch.randn(value.shape, generator=generator, dtype=torch.float64))
    return nodes


def by_hand(nodes: NodeLayer, z: torch.Tensor) -> torch.Tensor:
    columns = []
    for node in range(nodes.nodes):
        value = torch.ones(len(z), dtype=z.dtype)
        for member in nodes.members(node):
            value = value * (nodes.subnode_scale[member] * z[:, member] + nodes.subnode_bias[member])
        columns.append(nodes.node_scale[node] * value + nodes.node_bias[node])
    return torch.stack(columns, 1)


@settings(deadline=None, derandomize=True, max_examples=30)
@given(st.integers(0, 3), st.lists(st.integers(2, 5), max_size=4))
def test_nodes_of_every_shape_are_sums_then_products_then_affine(sums, arities):
    if sums + len(arities) == 0:
        return
    nodes = scattered(sums, arities)
    z = torch.randn(6, nodes.subnodes, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    torch.testing.assert_close(nodes(z), by_hand(nodes, z), rtol=1e-13, atol=1e-13)
    assert nodes(z.reshape(2, 3, -1)).shape == (2, 3, nodes.nodes)


def test_members_split_the_sub_nodes():
    nodes = NodeLayer(2, (3, 2))
    assert [nodes.members(n) for n in range(4)] == [(0,), (1,), (2, 3, 4), (5, 6)]
    assert list(itertools.chain(*map(nodes.members, range(4)))) == list(range(nodes.subnodes))


def test_gradient_of_a_product_with_a_zero_factor_is_finite():
    z = torch.zeros(1, 3, dtype=torch.float64, requires_grad=True)
    NodeLayer(0, (3,), dtype=torch.float64)(z).sum().backward()
    assert z.grad.isfinite().all()
    torch.autograd.gradgradcheck(NodeLayer(0, (3,), dtype=torch.float64), z)


def test_affine_maps_start_as_the_identity_and_are_frozen_unless_asked():
    frozen, trained = NodeLayer(2, (2,)), NodeLayer(2, (2,), affine_trainable=True)
    assert not any(value.requires_grad for value in frozen.parameters())
    assert all(value.requires_grad for value in trained.parameters())
    assert torch.equal(NodeLayer(2)(torch.tensor([[3.0, 4.0]])), torch.tensor([[3.0, 4.0]]))


def test_select_keeps_whole_products_with_their_affine_maps():
    nodes = scattered(2, (3, 2))
    part = nodes.select([1, 3])
    z = torch.randn(4, 7, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    torch.testing.assert_close(part(z[:, [1, 5, 6]]), nodes(z)[:, [1, 3]])
    assert (part.sums, part.arities) == (1, (2,))


def test_select_is_independent_and_keeps_what_is_trained():
    nodes = NodeLayer(2, (2,), affine_trainable=True)
    before = state_bits(nodes)
    part = nodes.select([1, 2])
    assert part.node_scale.requires_grad
    part.node_scale.data.zero_()
    assert state_bits(nodes) == before


def test_products_before_sums_are_refused():
    with pytest.raises(InputError, match="sum nodes must come before product nodes"):
        NodeLayer(1, (2,)).select([1, 0])


def test_mult_arity_of_1_is_refused_with_advice():
    with pytest.raises(InputError, match=r"mult_arity must be at least 2; got .*Use a sum node"):
        NodeLayer(1, (1,))


def test_a_layer_without_nodes_is_refused():
    with pytest.raises(InputError, match="at least one node"):
        NodeLayer(0)


def test_repr_is_short():
    assert repr(NodeLayer(2)) == "NodeLayer(sums=2)"
    assert repr(NodeLayer(2, [3])) == "NodeLayer(sums=2, arities=(3,))"
