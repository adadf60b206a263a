from itertools import combinations, permutations, product

import numpy as np
import pytest
import torch

from edgewise import KAN, attribute
from edgewise.explain import reorder_nodes
from edgewise.network import build, mask_edges, select_nodes, set_formula


def crossings(model, x):
    """Pairs of edges that cross, each as much as the product of its scores, one by one."""
    scores, total = attribute(model, x).edges, 0.0
    for level, score in enumerate(scores):
        edges = [(i, j, float(score[i, j])) for l, i, j in model.active_edges() if l == level]
        for (a, b, one), (c, d, other) in combinations(edges, 2):
            total += one * other * ((a - c) * (b - d) < 0)
    return total


def shuffled_ladder(seed):
    """Five inputs that go straight up through two levels of five nodes whose places were shuffled."""
    first, second = (np.random.default_rng(seed + k).permutation(5) for k in (0, 50))
    keep = {(0, i, first[i]) for i in range(5)} | {(1, first[i], second[i]) for i in range(5)}
    keep |= {(2, second[i], i) for i in range(5)}
    model = build([5, 5, 5, 5], seed=seed, dtype=torch.float64)
    return mask_edges(model, [edge for edge in model.active_edges() if edge not in keep])


@pytest.mark.parametrize("seed", range(5))
def test_a_ladder_is_straight_again(seed):
    model, x = shuffled_ladder(seed), torch.rand(50, 5, dtype=torch.float64)
    new = reorder_nodes(model, x)
    assert crossings(model, x) > 0 == crossings(new, x)
    assert torch.allclose(new(x), model(x), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("seed", range(6))
def test_small_networks_come_near_the_best_order(seed):
    random = np.random.default_rng(seed)
    model = build([4, 4, 3], seed=seed, dtype=torch.float64)
    model = mask_edges(model, [edge for edge in model.active_edges() if random.random() < 0.5])
    x = torch.rand(50, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    orders = permutations(range(4))
    best = min(crossings(select_nodes(model, [[0, 1, 2, 3], order, [0, 1, 2]]), x) for order in orders)
    assert crossings(reorder_nodes(model, x), x) <= 1.02 * best


def test_sums_stay_before_products():
    model = KAN([3, (2, [2, 3]), (1, 1), 2], grid=3, seed=0, dtype=torch.float64)
    x = torch.rand(40, 3, dtype=torch.float64)
    new = model.reorder_nodes(x)
    assert isinstance(new, KAN)
    assert [(layer.nodes.sums, sorted(layer.nodes.arities)) for layer in new.layers] == [
        (2, [2, 3]),
        (1, [2]),
        (2, []),
    ]
    assert torch.allclose(new(x), model(x), rtol=1e-11, atol=1e-11)


def test_formulas_and_what_is_held_go_along():
    model = shuffled_ladder(1)
    edge = next(edge for edge in model.active_edges() if edge[0] == 0)
    model = set_formula(model, edge, "sin", (2, 0, 1, 0), hold="a")
    formulas = reorder_nodes(model).layers[0].formula.formulas()
    assert [(i, function.name, held) for i, _, function, _, held in formulas] == [(edge[1], "sin", ("a",))]


def test_strong_edges_cross_last():
    model = build([2, 2, 1], seed=0, dtype=torch.float64)
    for i, j in product(range(2), range(2)):
        model = set_formula(model, (0, i, j), "x", (1, 0, 5.0 if i != j else 0.1, 0))
    x = torch.rand(30, 2, dtype=torch.float64)
    scores = attribute(reorder_nodes(model, x), x).edges[0]
    assert scores[0, 0] > scores[0, 1] and scores[1, 1] > scores[1, 0]


def test_networks_without_hidden_levels():
    model = build([3, 2], seed=0)
    assert torch.equal(reorder_nodes(model)(torch.ones(1, 3)), model(torch.ones(1, 3)))
