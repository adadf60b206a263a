"""Edges that lead out of a node move to the node it depends on, and the sums above stay."""

import pytest
import torch

from edgewise.explain.edge_moves import NodeRelation, NoSuchEdge, affine_fit, moved_edges
from edgewise.network import build, mask_edges, set_formulas


@pytest.mark.parametrize("base", ["silu", "zero"])
@pytest.mark.parametrize(("scale", "shift"), [(1.0, 0.0), (0.5, 0.2), (-2.0, 0.1)])
def test_sums_stay_and_the_node_is_left_without_edges(base, scale, shift):
    layer = build([3, 4], grid=40, grid_range=(-3, 3), base=base, seed=0, dtype=torch.float64).layers[0]
    x = 2 * torch.rand(200, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64) - 1
    x[:, 2] = scale * x[:, 0] + shift
    moved = moved_edges(layer, NodeRelation(2, 0, scale, shift), x)
    assert not moved.basis.mask[2].any()
    with torch.no_grad():
        assert float((moved.sums(x) - layer.sums(x)).abs().max()) < 2e-3


def test_edges_that_are_off_are_switched_on_and_other_edges_stay():
    model = mask_edges(build([2, 2], grid=10, seed=0, dtype=torch.float64), [(0, 0, 0), (0, 1, 1)])
    x = torch.linspace(-1, 1, 50, dtype=torch.float64)[:, None].repeat(1, 2)
    moved = moved_edges(model.layers[0], NodeRelation(1, 0, 1.0, 0.0), x)
    assert moved.basis.mask.tolist() == [[1, 1], [0, 0]]
    assert torch.equal(moved.basis.coef[0, :, 1], model.layers[0].basis.coef[0, :, 1])


def test_equal_formulas_are_added():
    edges = {(0, 0, 0): ("exp", (2, 0, 1, 3)), (0, 1, 0): ("exp", (1, 0.5, 4, -1))}
    layer = set_formulas(build([2, 1], dtype=torch.float64), edges).layers[0]
    x = torch.linspace(-1, 1, 50, dtype=torch.float64)[:, None] * torch.tensor([[1.0, 2.0]]).double()
    moved = moved_edges(layer, NodeRelation(1, 0, 2.0, 0.0), x)
    assert torch.allclose(moved.sums(x), layer.sums(x), rtol=1e-13)
    assert moved.formula.names == ("exp",)


def test_unequal_formulas_are_not():
    edges = {(0, 0, 0): ("exp", (2, 0, 1, 3)), (0, 1, 0): ("exp", (1, 0.5, 4, -1))}
    layer = set_formulas(build([2, 1], dtype=torch.float64), edges).layers[0]
    x = torch.linspace(-1, 1, 50, dtype=torch.float64)[:, None].repeat(1, 2)
    with pytest.raises(NoSuchEdge, match="no multiples"):
        moved_edges(layer, NodeRelation(1, 0, 1.0, 0.0), x)


def test_a_constant_is_the_multiple_of_any_curve():
    assert affine_fit(torch.full((4,), 3.0), torch.arange(4.0)) == (0.0, 3.0, 0.0)
    assert affine_fit(torch.arange(4.0), torch.ones(4))[2] == 1.0
