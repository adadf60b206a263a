"""Product nodes start as products of distinct inputs, about as large as the sums beside them."""

from __future__ import annotations

import pickle

import pytest
import torch

from edgewise.layers import INITIALISATIONS, KANLayer, LayerShape, NodeLayer, power
from edgewise.layers.product_start import ProductStart
from edgewise.network import build, widen
from edgewise.train.multi_start import reinitialised

POINTS = 2 * torch.rand(4000, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64) - 1


def started(inputs: int, sums: int, arities: tuple[int, ...], init: str = "power", **settings) -> KANLayer:
    nodes = NodeLayer(sums, arities)
    init = ProductStart.of(nodes, init)
    return KANLayer(inputs, nodes.subnodes, init=init, seed=0, dtype=torch.float64, **settings)


@pytest.mark.parametrize("init", sorted(INITIALISATIONS))
@pytest.mark.parametrize("base", ["silu", "identity", "zero"])
def test_a_product_varies_about_as_much_as_a_sum(init, base):
    layer = started(3, 40, (2,) * 20 + (3,) * 20, init, base=base)
    nodes = NodeLayer(40, (2,) * 20 + (3,) * 20, dtype=torch.float64)
    spread = nodes(layer(POINTS[:, :3])).detach().std(0).square()
    sums, pairs, triples = (part.mean().sqrt() for part in spread.split([40, 20, 20]))
    assert 0.6 < pairs / sums < 1.6
    assert 0.6 < triples / sums < 1.6


@pytest.mark.parametrize(("grid", "k"), [(1, 1), (3, 1), (3, 3), (8, 2)])
def test_factors_are_lines_but_for_the_noise(grid, k):
    layer = started(2, 0, (2,), grid=grid, k=k)
    edges = layer.edges(POINTS[:, :2]).detach()
    x = POINTS[:, :2, None]
    slope = (edges * x).mean(0) / x.square().mean(0)
    rest = (edges - edges.mean(0) - slope * x).std(0) / edges.std(0).amax(0)
    assert float(rest.max()) < 0.2


def test_pieces_of_degree_0_follow_the_line():
    edges = started(1, 0, (2,), grid=10, k=0).edges(POINTS[:, :1]).detach()[:, 0]
    assert float(torch.corrcoef(torch.stack([edges[:, 0], POINTS[:, 0]]))[0, 1].abs()) > 0.9


@pytest.mark.parametrize("seed", range(10))
def test_every_factor_is_led_by_an_input_of_its_own(seed):
    layer = build([4, (0, [3])], seed=seed, dtype=torch.float64, base="zero").layers[0].basis
    leaders = layer.edges(POINTS).detach().std(0).argmax(0)
    assert len(set(leaders.tolist())) == 3


@pytest.mark.parametrize("seed", range(10))
def test_inputs_of_one_factor_start_unlike(seed):
    layer = build([4, (0, 1)], seed=seed, dtype=torch.float64, base="zero").layers[0].basis
    spread = layer.edges(POINTS).detach().std(0).sort(0, descending=True).values
    assert bool((spread[1] < 0.7 * spread[0]).all())


def test_where_factors_are_more_than_inputs_each_has_one():
    spread = build([2, (0, [5])], dtype=torch.float64).layers[0].basis.edges(POINTS[:, :2]).detach().std(0)
    assert ((spread > 0.5 * spread.amax(0)).sum(0) == 1).all()


def test_the_two_factors_of_a_product_are_not_alike():
    for seed in range(20):
        factors = build([2, (0, 1)], seed=seed, dtype=torch.float64).layers[0].basis(POINTS[:, :2]).detach()
        assert abs(float(torch.corrcoef(factors.T)[0, 1])) < 0.5


def test_networks_without_products_start_as_they_did():
    assert ProductStart.of(NodeLayer(3), "power") == "power"
    old = KANLayer(2, 3, grid=4, seed=7).coef
    assert torch.equal(build([2, 3, 1], grid=4, seed=7).layers[0].basis.coef, old)


def test_the_sums_beside_products_start_as_init_says():
    plain = power(LayerShape(2, 4, 5, 3, torch.nn.functional.silu), torch.Generator().manual_seed(0))
    layer = started(2, 2, (2,))
    assert torch.equal(layer.coef[:, :, :2], plain.coef[:, :, :2])
    assert torch.equal(layer.scale_base[:, :2], plain.scale_base[:, :2])


def test_an_initialisation_of_a_users_own_says_all():
    def mine(shape, generator):
        return power(shape, generator)

    assert ProductStart.of(NodeLayer(1, (2,)), mine) is mine


def test_a_layer_of_other_sizes_starts_without_products():
    start = ProductStart("power", 1, (2,))
    shape = LayerShape(2, 5, 3, 3, torch.nn.functional.silu)
    found = start(shape, torch.Generator().manual_seed(1))
    assert torch.equal(found.coef, power(shape, torch.Generator().manual_seed(1)).coef)


def test_it_is_a_value_that_can_be_pickled():
    start = ProductStart("power", 1, (2,))
    assert pickle.loads(pickle.dumps(start)) == start


def test_other_starts_of_a_search_and_new_nodes_begin_as_lines_too():
    model = build([2, (1, 1), 1], dtype=torch.float64)
    other = reinitialised(model, torch.Generator().manual_seed(3))
    assert bool((other.layers[0].basis.scale_base[:, 1:] == 0).all())
    wider = widen(build([2, 2, 1], dtype=torch.float64), 1, arities=[2])
    assert bool((wider.layers[0].basis.scale_base[:, 2:] == 0).all())
    assert bool((wider.layers[0].basis.scale_base[:, :2] != 0).any())
