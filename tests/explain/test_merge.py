"""Hidden nodes that are the same up to scale and shift become one, and nothing else does."""

from __future__ import annotations

import pytest
import torch

from edgewise import KAN, listen
from edgewise.errors import InputError
from edgewise.explain import merge_nodes, prune
from edgewise.network import Network, build, mask_edges, refine, set_formulas
from edgewise.testing import ChebyshevLayer, check_same_function, state_bits


def samples(columns: int = 2, rows: int = 300) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return 2 * torch.rand(rows, columns, generator=generator, dtype=torch.float64) - 1


@torch.no_grad()
def make_dependent(model: Network, level: int, node: int, on: int, scale: float, shift: float) -> Network:
    """Make one sum node scale * another + shift, in place, by its incoming edges."""
    layer = model.layers[level - 1]
    for name in ("coef", "scale_base", "mask"):
        value = getattr(layer.basis, name)
        value[..., node] = value[..., on] if name == "mask" else scale * value[..., on]
    layer.nodes.subnode_bias[node] = scale * layer.nodes.subnode_bias[on] + shift
    return model


def with_twins(relations: dict[int, tuple[float, float]], width=(2, 4, 1), **settings) -> Network:
    """Nodes of the first hidden level that are multiples of node 0, each used by edges of its own."""
    model = build(list(width), grid=20, seed=3, base="zero", dtype=torch.float64, **settings)
    for node, (scale, shift) in relations.items():
        make_dependent(model, 1, node, 0, scale, shift)
    return model


@pytest.mark.parametrize(
    "relations",
    [
        {1: (1.0, 0.0)},
        {1: (2.0, 0.5)},
        {1: (-0.7, 0.2)},
        {1: (3.0, 0.0), 2: (-1.0, 1.0)},
        {1: (3.0, 0.1), 2: (-0.5, -0.2), 3: (0.1, 0.0)},
        {3: (1e-4, 7.0)},
    ],
)
def test_dependent_nodes_become_one(relations):
    x = samples()
    model = with_twins(relations)
    model = KAN.of(model)
    model.update_grid(x)
    merged = merge_nodes(model, x, tolerance=1e-3)
    assert {(m.node, m.into) for m in merged.merges} == {(node, 0) for node in relations}
    for merge in merged.merges:
        assert (merge.scale, merge.shift) == pytest.approx(relations[merge.node], abs=1e-9)
    assert merged.model.width == (2, 4 - len(relations), 1)
    assert merged.error <= 1e-3
    check_same_function(merged.model, model, x, tol=1e-3)


def test_equal_nodes_on_equal_grids_merge_to_rounding():
    model, x = with_twins({1: (1.0, 0.0), 2: (1.0, 0.0)}), samples()
    merged = merge_nodes(model, x)
    assert merged.model.width == (2, 2, 1)
    assert merged.error < 1e-12
    assert isinstance(merged.model, Network)


def test_nothing_merges_where_nothing_depends():
    model, x = build([2, 5, 3, 1], seed=0, dtype=torch.float64), samples()
    merged = merge_nodes(model, x)
    assert merged.merges == merged.refused == ()
    assert merged.error == 0
    assert state_bits(merged.model) == state_bits(model)


def test_the_model_stays_as_it_was():
    model = with_twins({1: (2.0, 0.0)})
    before = state_bits(model)
    merge_nodes(model, samples())
    assert state_bits(model) == before


def test_linear_dependence_on_two_others_is_no_reason():
    model, x = build([2, 3, 1], seed=0, dtype=torch.float64), samples()
    with torch.no_grad():
        basis = model.layers[0].basis
        for tensor in (basis.coef, basis.scale_base):
            tensor[..., 2] = tensor[..., 0] + tensor[..., 1]
    assert merge_nodes(model, x).model.width == (2, 3, 1)


def test_the_tolerance_is_a_share_of_the_node_and_of_the_outputs():
    for size in (1e-6, 1.0, 1e6):
        model, x = with_twins({1: (size, 3 * size)}), samples()
        with torch.no_grad():
            model.layers[0].basis.coef[0, :, 1] *= 1.02  # dependent to about 1e-2
        model = KAN.of(model)
        model.update_grid(x)
        assert merge_nodes(model, x, tolerance=1e-3).merges == ()
        found = merge_nodes(model, x, tolerance=5e-2).merges
        assert [(m.node, m.into) for m in found] == [(1, 0)]
        assert 1e-3 < found[0].residual < 3e-2


def test_the_networks_own_error_is_the_tolerance():
    model, x = with_twins({1: (1.0, 0.0)}), samples()
    with torch.no_grad():
        model.layers[0].basis.coef[0, :, 1] *= 1.002
        y = model(x)
    noise = 0.03 * y.std() * torch.randn(y.shape, generator=torch.Generator().manual_seed(1), dtype=y.dtype)
    assert merge_nodes(model, (x, y)).merges == ()
    assert len(merge_nodes(model, (x, y + noise)).merges) == 1


def test_three_nodes_are_one_formula():
    nodes = {
        (0, 0, n): ("sin", (2.0, 0.3, scale, shift))
        for n, (scale, shift) in enumerate([(1, 0), (-2, 1), (3, 5)])
    }
    edges = {
        (1, 0, 0): ("exp", (0.6, 0.0, 1.0, 0.0)),
        (1, 1, 0): ("exp", (-0.3, 0.2, 2.0, 0.0)),
        (1, 2, 0): ("exp", (0.2, 0.0, 0.5, 1.0)),
    }
    model, x = set_formulas(build([1, 3, 1], dtype=torch.float64), nodes | edges), samples(1)
    merged = merge_nodes(model, x)
    assert merged.model.width == (1, 1, 1)
    assert list(merged.model.layers[1].formula.names) == ["exp"]
    assert merged.error < 1e-12
    check_same_function(merged.model, model, x, tol=1e-12)


def test_formulas_that_are_no_multiples_stay_apart_and_say_why():
    nodes = {(0, 0, 0): ("sin", (2, 0, 1, 0)), (0, 0, 1): ("sin", (2, 0, 1, 1))}
    edges = {(1, 0, 0): ("exp", (1, 0, 1, 0)), (1, 1, 0): ("tanh", (1, 0, 1, 0))}
    model = set_formulas(build([1, 2, 1], dtype=torch.float64), nodes | edges)
    merged = merge_nodes(model, samples(1))
    assert merged.model.width == (1, 2, 1)
    assert "the tanh and the exp that lead to 0 are no multiples" in str(merged)


def test_a_formula_and_a_spline_are_not_added():
    model = with_twins({1: (1.0, 0.0)})
    model = set_formulas(model, {(1, 0, 0): ("exp", (1, 0, 1, 0))})
    merged = merge_nodes(model, samples())
    assert [reason for _, reason in merged.refused] == [
        "to 0 one of them leads by a formula and the other does not"
    ]
    assert merged.model.width == (2, 4, 1)


def test_a_formula_moves_where_nothing_led():
    model = with_twins({1: (2.0, -0.5)}, width=(2, 4, 2))
    model = set_formulas(model, {(1, 1, 1): ("exp", (1, 0.5, 3, 1))})
    model, x = mask_edges(model, [(1, 0, 1), (1, 1, 0)]), samples()
    merged = merge_nodes(model, x)
    assert merged.model.width == (2, 3, 2)
    assert merged.model.edge_kind(1, 0, 1) == "formula"
    assert merged.model.layers[1].formula.get(0, 1)[1].tolist() == pytest.approx([2, 0, 3, 1])
    check_same_function(merged.model, model, x, tol=1e-12)


def test_edges_that_are_off_stay_off_and_dead_nodes_are_left():
    model = with_twins({1: (1.0, 0.0), 2: (1.0, 0.0)}, width=(2, 4, 2))
    model, x = mask_edges(model, [(1, 0, 1), (1, 1, 1), (1, 2, 0), (1, 2, 1)]), samples()
    merged = merge_nodes(model, x)
    assert [(m.node, m.into) for m in merged.merges] == [(1, 0)]  # node 2 leads nowhere
    assert merged.model.edge_kind(1, 0, 1) == "off"
    check_same_function(merged.model, model, x, tol=1e-12)


def test_a_product_that_equals_another_goes():
    model, x = build([2, (1, 2), 1], grid=20, base="zero", seed=0, dtype=torch.float64), samples()
    with torch.no_grad():
        basis, nodes = model.layers[0].basis, model.layers[0].nodes
        basis.coef[..., 3:] = basis.coef[..., 1:3]
        nodes.subnode_scale[3], nodes.node_scale[2], nodes.node_bias[2] = 2.0, -1.5, 0.25
    model = KAN.of(model)
    model.update_grid(x)
    merged = merge_nodes(model, x)
    assert merged.model.width == (2, (1, (2,)), 1)
    (went,) = merged.merges
    assert (went.node, went.into, went.scale, went.shift) == (2, 1, pytest.approx(-3.0), pytest.approx(0.25))
    check_same_function(merged.model, model, x, tol=1e-3)


def test_of_a_sum_and_a_product_the_product_goes():
    # (x + 1)(x - 1) and x^2, exactly
    nodes = {
        (0, 0, 0): ("x^2", (1, 0, 1, 0)),
        (0, 0, 1): ("x", (1, 0, 1, 1)),
        (0, 0, 2): ("x", (1, 0, 1, -1)),
    }
    edges = {(1, 0, 0): ("sin", (1, 0, 1, 0)), (1, 1, 0): ("sin", (1, 1, 1, 0))}
    model, x = set_formulas(build([1, (1, 1), 1], dtype=torch.float64), nodes | edges), samples(1)
    merged = merge_nodes(model, x)
    assert merged.model.width == (1, 1, 1)
    check_same_function(merged.model, model, x, tol=1e-12)


def test_products_of_dependent_nodes_keep_their_value():
    model = build([2, 2, (0, 1), 1], grid=20, base="zero", seed=1, dtype=torch.float64)
    model, x = make_dependent(model, 1, 1, 0, 1.0, 0.0), samples()
    merged = merge_nodes(model, x)
    assert merged.model.width == (2, 1, (0, (2,)), 1)
    check_same_function(merged.model, model, x, tol=1e-9)


def test_several_levels_at_once():
    model = build([2, 3, 3, 2], grid=20, base="zero", seed=1, dtype=torch.float64)
    make_dependent(model, 1, 2, 0, 1.0, 0.0)
    make_dependent(model, 2, 1, 0, 1.0, 0.0)
    merged = merge_nodes(model, samples())
    assert merged.model.width == (2, 2, 2, 2)
    assert {merge.level for merge in merged.merges} == {1, 2}


def test_inputs_and_outputs_are_the_users():
    model = build([2, 2, 2], seed=0, dtype=torch.float64)
    x = samples(1).repeat(1, 2)
    make_dependent(model, 2, 1, 0, 1.0, 0.0)
    assert merge_nodes(model, x).model.width == (2, 2, 2)


def test_single_precision():
    model, x = with_twins({1: (1.0, 0.0)}).float(), samples().float()
    merged = merge_nodes(model, x)
    assert merged.model.width == (2, 3, 1)
    assert merged.model.dtype == torch.float32
    assert merged.error < 1e-5
    check_same_function(merged.model, model, x, tol=1e-5)


def test_edges_of_another_kind_merge_too():
    model, x = build([2, 3, 1], seed=0, dtype=torch.float64), samples()
    for layer in model.layers:
        layer.basis = ChebyshevLayer(layer.in_features, layer.subnodes, seed=1, dtype=torch.float64)
    with torch.no_grad():
        model.layers[0].basis.coef[..., 2] = model.layers[0].basis.coef[..., 0]
    merged = merge_nodes(model, x)
    assert merged.model.width == (2, 2, 1)
    assert merged.error < 1e-9


def test_few_different_values_show_no_dependence():
    model = build([1, 3, 1], seed=0, dtype=torch.float64)
    for x in (torch.tensor([[0.0], [1.0]]), torch.tensor([[0.0], [0.5], [1.0]]), torch.ones(5, 1)):
        assert merge_nodes(model, x.double()).merges == ()


def test_coarse_grids_that_cannot_hold_the_sum_are_refused_and_fine_ones_are_not():
    x = samples(1)
    model = build([1, 2, 1], grid=3, base="zero", seed=0, dtype=torch.float64)
    make_dependent(model, 1, 1, 0, 1.0, 0.4)  # its outgoing edge has other knots in terms of node 0
    refused = merge_nodes(model, x, tolerance=1e-6)
    assert "an output would change by" in str(refused)
    fine = merge_nodes(refine(model, 60).model, x, tolerance=1e-4)
    assert fine.model.width == (1, 1, 1)
    check_same_function(fine.model, model, x, tol=1e-3)


def test_prune_merges_and_tells():
    x = samples()
    model = KAN.of(with_twins({1: (1.0, 0.0)}))
    pruned = prune(model, x, edge_threshold=0)
    assert [(m.level, m.node, m.into) for m in pruned.merges] == [(1, 1, 0)]
    assert (1, 1) in pruned.nodes
    assert "merged, as node (1, 1) = 1 * node (1, 0) + 0" in str(pruned)
    check_same_function(pruned.model, model, x, tol=1e-9)


def test_the_method_uses_the_samples_of_the_fit(no_side_effects):
    model = KAN.of(with_twins({1: (1.0, 0.0)}))
    x = samples()
    with listen(lambda event: None):
        model.fit((x, model(x).detach()), steps=1)
    assert isinstance(model.merge_nodes(tolerance=1e-2), KAN)


@pytest.mark.parametrize("tolerance", [-1.0, float("nan"), "small"])
def test_a_tolerance_that_is_none_is_refused(tolerance):
    with pytest.raises(InputError, match="merge_nodes: tolerance must be at least 0"):
        merge_nodes(build([2, 2, 1]), samples().float(), tolerance=tolerance)
