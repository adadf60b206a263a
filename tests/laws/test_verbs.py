"""Every verb keeps the law of verbs, on a spline network and on one with everything."""

from __future__ import annotations

import pytest
import torch

from edgewise import KAN, explain, network
from edgewise.functions import make_function
from edgewise.network import Network, Scaler, build, mask_edges, select_nodes, set_formula, update_grid
from edgewise.testing import check_verb

X = 2 * torch.rand(60, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64) - 1


def plain() -> Network:
    return build([3, 4, 1], dtype=torch.float64, init="paper")


def rich() -> Network:
    model = KAN(
        [3, (3, [2, 3]), (2, [2]), 2], affine_trainable=True, dtype=torch.float64, init="paper",
        input_names=["a", "b", "c"], input_scaler=Scaler(torch.zeros(3), torch.ones(3)),
        output_scaler=Scaler(torch.ones(2), 3 * torch.ones(2)),
    )  # fmt: skip
    model = set_formula(model, (0, 1, 0), "sin", (1.5, 0.2, 0.7, 0.1))
    model = set_formula(model, (0, 0, 0), make_function("own", torch.tanh), (1.5, 0.2, 0.7, 0.1))
    model = mask_edges(model, [(0, 0, 2)])
    return select_nodes(model, [[1, 0], range(5), range(3), range(2)])


def moved(model: Network, x: torch.Tensor) -> Network:
    copied = network.duplicate(model)
    update_grid(copied, x)
    return copied


VERBS = {
    "duplicate": lambda m, x: network.duplicate(m),
    "select_nodes": lambda m, x: select_nodes(m, [[1], *([list(range(s.out_features)) for s in m.layers])]),
    "mask_edges": lambda m, x: mask_edges(m, [(0, 0, 1), (1, 0, 0)]),
    "unmask_edges": lambda m, x: mask_edges(m, [(0, 0, 1), (1, 0, 0)], on=True),
    "set_formula": lambda m, x: set_formula(m, (0, 1, 1), "exp"),
    "unset_formula": lambda m, x: network.unset_formula(set_formula(m, (0, 1, 1), "exp"), (0, 1, 1)),
    "swap": lambda m, x: network.swap(m, 1, 0, 2),
    "widen": lambda m, x: network.widen(m, 1, sums=1, arities=(2,)),
    "deepen": lambda m, x: network.deepen(m),
    "refine, nested": lambda m, x: network.refine(m, 6),
    "refine, not nested": lambda m, x: network.refine(m, 4, x),
    "update_grid of a copy": moved,
    "prune": lambda m, x: explain.prune(m, x, node_threshold=0.1, edge_threshold=0.1, input_threshold=0.1),
    "prune_edges": lambda m, x: explain.prune_edges(m, x, threshold=0.2),
    "prune_inputs": lambda m, x: explain.prune_inputs(m, x, threshold=0.2),
    "KAN.of": lambda m, x: KAN.of(m),
    "fix": lambda m, x: explain.fix(m, (0, 1, 1), "sin", x),
    "unfix": lambda m, x: explain.unfix(set_formula(m, (0, 1, 1), "exp"), (0, 1, 1)),
}


@pytest.mark.parametrize("make", [plain, rich])
@pytest.mark.parametrize("verb", VERBS)
def test_verb(verb, make):
    check_verb(VERBS[verb], make(), X)


def test_symbolify():
    model = select_nodes(build([3, 1], dtype=torch.float64, init="paper"), [[2], [0]])
    check_verb(lambda m, x: explain.symbolify(m, x, functions=["x", "x^2"]), model, X)


@pytest.mark.parametrize(
    "verb",
    [
        lambda m: m.prune(X),
        lambda m: m.prune_inputs(X),
        lambda m: m.refine(6),
        lambda m: m.copy(),
        lambda m: m.unfix((0, 1, 0)),
        lambda m: m.fix((0, 1, 1), "sin", X),
    ],
)
def test_verbs_give_the_class_they_were_given(verb):
    assert type(verb(rich())) is KAN
