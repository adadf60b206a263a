from __future__ import annotations

import pytest
import torch

from edgewise.errors import InputError
from edgewise.explain import attribute
from edgewise.explain.attribution import scores_of
from edgewise.network import Network, Scaler, build, mask_edges, select_nodes, set_formula, trace
from edgewise.testing import check_quiet, state_bits


def samples(rows=50, columns=3) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return 2 * torch.rand(rows, columns, generator=generator, dtype=torch.float64) - 1


def mixed() -> Network:
    """Products, formula edges, edges off, affine maps, a pruned input, scalers."""
    model = build(
        [3, (2, [2, 3]), (1, [2]), 2], affine_trainable=True, dtype=torch.float64, init="paper",
        input_names=["mass", "length", "time"], input_scaler=Scaler(torch.zeros(3), 2 * torch.ones(3)),
        output_scaler=Scaler(torch.ones(2), 3 * torch.ones(2)),
    )  # fmt: skip
    model = set_formula(model, (0, 2, 4), "sin", (3.0, 0.2, 0.7, 0.1))
    model = set_formula(model, (1, 1, 0), "exp")
    model = select_nodes(mask_edges(model, [(0, 0, 1), (1, 2, 2)]), [[2, 0], [0, 1, 2, 3], [0, 1], [0, 1]])
    with torch.no_grad():
        model.layers[0].nodes.subnode_scale.mul_(1.7)
        model.layers[1].nodes.node_scale.mul_(-0.4)
    return model


def by_definition(model: Network, x: torch.Tensor):
    """Scores by loops over outputs, nodes and edges, from per-edge activations."""
    seen, outputs = trace(model, x), model.layers[-1].out_features
    score = [[float(o == n) for n in range(outputs)] for o in range(outputs)]
    nodes, edges = [score], []
    for layer, part in zip(reversed(model.layers), reversed(seen.layers), strict=True):
        tables, below = [], []
        for o in range(outputs):
            sub = [0.0] * layer.subnodes
            for node in range(layer.out_features):
                for member in layer.nodes.members(node):
                    sub[member] = score[o][node]
            table = [
                [
                    float(part.edges[:, i, j].std() / part.sums[:, j].std()) * sub[j]
                    for j in range(layer.subnodes)
                ]
                for i in range(layer.in_features)
            ]
            tables.append(table)
            below.append([sum(row) for row in table])
        score = below
        nodes.insert(0, score)
        edges.insert(0, torch.tensor(tables, dtype=torch.float64).mean(0))
    return [torch.tensor(level, dtype=torch.float64) for level in nodes], edges


def test_scores_are_those_of_the_definition_computed_naively():
    model, x = mixed(), samples()
    scores = attribute(model, x)
    nodes, edges = by_definition(model, x)
    for got, want in zip(scores.nodes_by_output, nodes, strict=True):
        torch.testing.assert_close(got, want, rtol=1e-9, atol=1e-12)
    for got, want in zip(scores.nodes, nodes, strict=True):
        torch.testing.assert_close(got, want.mean(0), rtol=1e-9, atol=1e-12)
    for got, want in zip(scores.edges, edges, strict=True):
        torch.testing.assert_close(got, want, rtol=1e-9, atol=1e-12)
    for number, layer in enumerate(model.layers):
        owners = [n for n in range(layer.out_features) for _ in layer.nodes.members(n)]
        torch.testing.assert_close(scores.subnodes[number], scores.nodes[number + 1][owners])


def test_scores_agree_with_pykan_s_definition_up_to_its_constant_in_the_denominator():
    model, x = build([3, 4, 1], dtype=torch.float64, init="paper"), samples()
    part = trace(model, x).layers[-1]
    pykan = part.edges.std(0)[:, 0] / (part.sums.std(0) + 1e-4)
    torch.testing.assert_close(attribute(model, x).edges[-1][:, 0], pykan, rtol=1e-2, atol=1e-3)


def test_every_factor_of_a_product_gets_the_full_score():
    model = build([2, (0, [2]), 1], dtype=torch.float64)
    scores = attribute(model, samples(columns=2))
    assert scores.subnodes[0].tolist() == [scores.nodes[1].item()] * 2


def test_masked_edges_and_inputs_without_influence_score_0():
    model = mask_edges(build([3, 2, 1], dtype=torch.float64), [(0, 1, 0), (0, 1, 1)])
    scores = attribute(model, samples())
    assert scores.inputs["x_2"] == 0
    assert scores.edges[0][1].tolist() == [0.0, 0.0]


def test_formula_edges_score_as_splines_do():
    model = build([2, 1], dtype=torch.float64)
    model = set_formula(set_formula(model, (0, 0, 0), "x"), (0, 1, 0), "x", (1.0, 0.0, 0.5, 9.0))
    x = samples(columns=2)
    ratio = float(x[:, 1].std() / x[:, 0].std()) / 2
    scores = attribute(model, x).edges[0]
    assert float(scores[1, 0] / scores[0, 0]) == pytest.approx(ratio)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_one_sample_gives_scores_of_0_and_not_nan(dtype):
    scores = attribute(build([3, 4, 2], dtype=dtype), samples(1).to(dtype))
    assert all(level.isfinite().all() for level in (*scores.nodes, *scores.edges))
    assert scores.nodes[0].tolist() == [0.0] * 3
    assert scores.nodes[-1].tolist() == [0.5, 0.5]


@pytest.mark.parametrize("value", [0.0, 0.7, -1e6])
def test_zero_variance_gives_finite_scores(value):
    x = samples()
    x[:, 1] = value
    scores = attribute(build([3, 4, 2], dtype=torch.float64), x)
    assert all(level.isfinite().all() for level in (*scores.nodes, *scores.edges))
    assert scores.inputs["x_2"] < 1e-6
    repeated = attribute(build([3, 4, 2], dtype=torch.float64), x[:1].repeat(20, 1))
    assert repeated.nodes[0].tolist() == [0.0] * 3


def test_a_node_that_never_varies_hands_nothing_down():
    model = build([2, 2, 1], dtype=torch.float64)
    model = mask_edges(model, [(0, 0, 1), (0, 1, 1)])
    scores = attribute(model, samples(columns=2))
    assert scores.nodes[1][1] == 0
    assert scores.nodes[1][0] > 0


def test_inputs_are_named_and_sorted_and_shown_in_one_line():
    scores = attribute(mixed(), samples())
    assert set(scores.inputs) == {"time", "mass"}
    assert list(scores.inputs.values()) == sorted(scores.inputs.values(), reverse=True)
    assert repr(scores).startswith("Scores(inputs={")
    assert len(repr(attribute(build([30, 1]), samples(columns=30).float()))) < 300


def test_scores_come_from_a_trace_as_well():
    model, x = mixed(), samples()
    for edges in (True, False):
        again = scores_of(model, trace(model, x, edges=edges))
        assert all(torch.equal(a, b) for a, b in zip(again.edges, attribute(model, x).edges, strict=True))


def test_attribution_is_detached_quiet_and_leaves_the_model_alone():
    model = mixed()
    before = state_bits(model)
    scores = check_quiet(lambda: attribute(model, samples()))
    assert not any(value.requires_grad for value in (*scores.nodes, *scores.edges, *scores.subnodes))
    assert scores.nodes[0].numpy().shape == (2,)
    assert state_bits(model) == before


def test_no_samples_and_nan_are_refused():
    with pytest.raises(InputError, match="at least one sample"):
        attribute(build([2, 1]), torch.zeros(0, 2))
    with pytest.raises(InputError, match="must be finite"):
        attribute(build([2, 1]), torch.full((3, 2), float("nan")))
