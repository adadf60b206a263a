from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from edgewise import KAN
from edgewise.errors import InputError, UnknownName
from edgewise.functions import make_function
from edgewise.network import (
    Network,
    Scaler,
    add_to_biases,
    build,
    deepen,
    duplicate,
    mask_edges,
    select_nodes,
    set_formula,
    set_formulas,
    swap,
    unset_formula,
    widen,
)
from edgewise.network.surgery import adopt, replace_layers, with_layers
from edgewise.testing import check_same_function, state_bits

X = torch.rand(40, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 2 - 1


def rich(seed: int = 0) -> Network:
    """Formula edges, random affine maps everywhere, products of several arities, scalers."""
    scaler = Scaler(torch.tensor([0.1, -0.2, 0.3]), torch.tensor([2.0, 0.5, 1.5]))
    model = build(
        [3, (3, [2, 3]), (2, [2]), 2], affine_trainable=True, dtype=torch.float64, init="paper", seed=seed,
        input_scaler=scaler, output_scaler=Scaler(torch.ones(2), 3 * torch.ones(2)),
    )  # fmt: skip
    model = set_formula(model, (0, 1, 0), "sin", (1.5, 0.2, 0.7, 0.1))
    model = set_formula(model, (0, 2, 5), "x^2", (0.5, 0.2, 0.4, 0.1))
    model = set_formula(model, (1, 4, 3), "exp", (0.5, 0.0, 0.3, 0.1))
    model = mask_edges(model, [(0, 0, 2), (1, 1, 1)])
    generator = torch.Generator().manual_seed(seed + 1)
    with torch.no_grad():
        for layer in model.layers:
            for value in layer.nodes.parameters():
                value.add_(torch.randn(value.shape, generator=generator, dtype=torch.float64) / 2)
    return model


def kept_settings(model: Network) -> list:
    return [
        (s.basis.k, s.basis.grid_eps, s.basis.extrapolation, s.basis.base_name, s.training,
         [value.requires_grad for value in s.parameters()])
        for s in model.layers
    ]  # fmt: skip


def unusual() -> Network:
    model = build([3, 4, 2], grid_eps=0.7, extrapolation="constant", base="identity", k=2,
                  affine_trainable=True, dtype=torch.float64)  # fmt: skip
    for l in range(2):
        model = set_formula(model, (l, 0, 0), "sin")
    for layer in model.layers:
        layer.basis.scale_base.requires_grad_(False)
        layer.formula.affine.requires_grad_(False)
    return model.eval()


@pytest.mark.parametrize(
    "verb",
    [
        duplicate,
        lambda m: select_nodes(m, [[2, 0], [0, 1, 3], [1]]),
        lambda m: mask_edges(m, [(0, 1, 1)]),
        lambda m: swap(m, 1, 0, 2),
        lambda m: widen(m, 1, sums=2),
        lambda m: with_layers(m, m.layers),
    ],
)
def test_options_and_what_is_trained_survive(verb):
    model = unusual()
    assert kept_settings(verb(model)) == kept_settings(model)


@pytest.mark.parametrize(
    ("level", "first", "second"),
    [(1, 0, 2), (1, 1, 2), (2, 0, 1), (1, 0, 0)],
)
def test_swap_of_sums_changes_nothing_with_formula_edges_and_affine_maps(level, first, second):
    model = rich()
    check_same_function(swap(model, level, first, second), model, X, tol=1e-13)


def test_swap_of_product_nodes_of_different_arity_changes_nothing():
    model = rich()
    swapped = swap(model, 1, 3, 4)
    assert swapped.width[1] == (3, (3, 2))
    check_same_function(swapped, model, X, tol=1e-13)


def test_swap_twice_gives_the_same_bits():
    model = rich()
    assert swap(swap(model, 1, 0, 2), 1, 0, 2)(X).equal(model(X))


def test_swap_moves_the_affine_maps_with_their_nodes():
    model = rich()
    scale = model.layers[0].nodes.node_scale
    assert torch.equal(swap(model, 1, 0, 2).layers[0].nodes.node_scale[:3], scale[[2, 1, 0]])


@pytest.mark.parametrize("widths", [[2, 5, 3, 1], [2, 3, 5, 1]])
def test_swap_on_unequal_widths(widths):
    model = build(widths, dtype=torch.float64)
    for level in (1, 2):
        last = widths[level] - 1
        check_same_function(swap(model, level, 0, last), model, X[:, :2], tol=1e-13)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 0, 1), "level must be a hidden one"),
        ((3, 0, 1), "level must be a hidden one"),
        ((1, 0, 5), "nodes of level 1 are 0..4"),
        ((1, 0, 3), "sum nodes must come before product nodes"),
    ],
)
def test_swap_of_what_cannot_be_swapped_is_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        swap(rich(), *arguments)


def test_keep_composes_columns_names_and_scalers():
    model = build(
        [4, 3, 1],
        dtype=torch.float64,
        input_names="abcd",
        input_scaler=Scaler(torch.arange(4.0), torch.ones(4)),
    )
    once = select_nodes(model, [[1, 2, 3], [0, 1, 2], [0]])
    twice = select_nodes(once, [[1, 2], [0, 1, 2], [0]])
    assert twice.columns.tolist() == [2, 3]
    assert twice.names == ("c", "d")
    assert twice.input_scaler.shift.tolist() == [2.0, 3.0]
    x = torch.rand(6, 4, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    check_same_function(twice, select_nodes(model, [[2, 3], [0, 1, 2], [0]]), x)


def test_keep_of_everything_is_the_same_function():
    model = rich()
    check_same_function(select_nodes(model, [[0, 1, 2], range(5), range(3), [0, 1]]), model, X)


def test_keep_of_all_inputs_in_another_order_reads_the_columns_in_that_order():
    model = build([3, 2], dtype=torch.float64)
    turned = select_nodes(model, [[2, 0, 1], [0, 1]])
    check_same_function(turned, model, X, tol=1e-13)
    other = build([3, 2], dtype=torch.float64)
    other.load_state_dict(turned.state_dict())
    check_same_function(other, model, X, tol=1e-13)


def test_keep_is_smaller_in_parameters():
    model = build([3, 8, 2])
    small = select_nodes(model, [[0, 1, 2], [4], [0]])
    assert sum(p.numel() for p in small.parameters()) < sum(p.numel() for p in model.parameters()) / 5


def test_keep_of_one_output_keeps_its_scaler():
    model = rich()
    one = select_nodes(model, [[0, 1, 2], range(5), range(3), [1]])
    torch.testing.assert_close(one(X)[:, 0], model(X)[:, 1])


@pytest.mark.parametrize(
    "nodes",
    [[[0], [0], []], [[0], [], [0]], [[0, 0], [0], [0]], [[3], [0], [0]], [[-1], [0], [0]], [[0], [0]]],
)
def test_keep_of_nothing_or_of_what_is_not_there_is_refused(nodes):
    with pytest.raises(InputError, match="select_nodes: nodes"):
        select_nodes(build([3, 4, 2]), nodes)


def test_masked_edges_give_0_and_come_back():
    model = rich()
    off = mask_edges(model, [(0, 1, 3), [np.int64(0), np.int64(2), 4]])
    assert (off.edge_kind(0, 1, 3), off.edge_kind(0, 2, 4)) == ("off", "off")
    check_same_function(mask_edges(off, [(0, 1, 3), (0, 2, 4)], on=True), model, X)


def test_masking_takes_the_formula_from_an_edge_too():
    model = mask_edges(rich(), [(0, 1, 0)])
    assert model.edge_kind(0, 1, 0) == "off"
    assert bool((model.layers[0].edges(X)[:, 1, 0] == 0).all())


def test_turning_a_formula_on_keeps_it_the_formula_it_is():
    model = set_formula(build([2, 1]), (0, 0, 0), "sin")
    on = mask_edges(model, [(0, 0, 0), (0, 1, 0)], on=True)
    assert on.edge_kind(0, 0, 0) == "formula"
    check_same_function(on, model, X[:, :2].float())


def test_set_formula_replaces_the_spline_by_the_formula():
    model = set_formula(build([3, 1], dtype=torch.float64), (0, 1, 0), "x^2", (2.0, 1.0, 3.0, -1.0))
    torch.testing.assert_close(model.layers[0].edges(X)[:, 1, 0], 3 * (2 * X[:, 1] + 1) ** 2 - 1)
    assert model.edge_kind(0, 1, 0) == "formula"


def test_unset_formula_brings_the_spline_back_with_the_same_bits():
    model = build([3, 4, 1], dtype=torch.float64)
    fixed = set_formula(model, (0, 1, 2), make_function("my sine", torch.sin))
    check_same_function(unset_formula(fixed, (0, 1, 2)), model, X)
    assert len(unset_formula(fixed, (0, 1, 2)).layers[0].formula.functions) == 0


def test_unset_formula_of_a_spline_and_unknown_functions_are_refused():
    with pytest.raises(InputError, match="must be a formula edge; got a spline"):
        unset_formula(build([2, 1]), (0, 0, 0))
    with pytest.raises(UnknownName, match=r"Did you mean 'sinh?'"):
        set_formula(build([2, 1]), (0, 0, 0), "sinn")


@pytest.mark.parametrize("level", [1, 2])
@pytest.mark.parametrize(("sums", "arities"), [(2, ()), (0, (2,)), (1, (3, 2))])
def test_widen_changes_nothing_on_a_trained_net(level, sums, arities):
    model = rich()
    wider = widen(model, level, sums=sums, arities=arities)
    check_same_function(wider, model, X, tol=1e-13)
    old, new = model.width[level], wider.width[level]
    assert new == (old[0] + sums, (*old[1], *arities))
    assert widen(model, level, sums, arities, seed=1)(X).equal(wider(X))


def test_widened_nodes_can_be_trained():
    wider = widen(build([3, 2, 1], dtype=torch.float64), 1, sums=1)
    wider(X).square().mean().backward()
    assert float(wider.layers[1].basis.coef.grad[2].abs().max()) > 0


def test_widen_keeps_formulas_frozen_and_their_functions():
    model = set_formula(unusual(), (0, 1, 1), make_function("my sine", torch.sin))
    model.layers[0].formula.affine.requires_grad_(False)
    wider = widen(model, 1, sums=1)
    assert not wider.layers[0].formula.affine.requires_grad
    assert wider.layers[0].formula.get(1, 1)[0].name == "my sine"


@pytest.mark.parametrize("arguments", [(0, 1), (2, 1), (1, 0), (1, -1)])
def test_widen_of_inputs_outputs_or_by_nothing_is_refused(arguments):
    with pytest.raises(InputError, match="widen"):
        widen(build([2, 3, 1]), *arguments)


@pytest.mark.parametrize("level", [None, 0, 1, 2, 3])
def test_deepen_changes_nothing_and_registers_its_parameters(level):
    model = rich()
    deeper = deepen(model, level)
    check_same_function(deeper, model, X, tol=1e-13)
    assert deeper.depth == model.depth + 1
    assert len(list(deeper.parameters())) > len(list(model.parameters()))
    check_same_function(duplicate(deeper), deeper, X)
    place = model.depth if level is None else level
    assert {deeper.edge_kind(place, i, i) for i in range(deeper.layers[place].in_features)} == {"formula"}


def test_deepen_beyond_the_network_is_refused():
    with pytest.raises(InputError, match=r"level must be in 0\.\.2"):
        deepen(build([2, 3, 1]), 3)


def test_duplicate_has_the_same_bits_and_shares_nothing():
    model = rich()
    before, copied = state_bits(model), duplicate(model)
    assert state_bits(copied) == before
    for value in copied.parameters():
        value.data.add_(1)
    assert state_bits(model) == before


@settings(deadline=None, derandomize=True, max_examples=15)
@given(
    st.permutations(range(3)), st.permutations([3, 4]), st.permutations(range(2)), st.permutations(range(3))
)
def test_any_order_of_nodes_of_one_kind_computes_the_same(sums, products, upper, inputs):
    model = rich()
    ordered = select_nodes(model, [inputs, [*sums, *products], [*upper, 2], [0, 1]])
    assert ordered.names == tuple(f"x_{column + 1}" for column in inputs)
    check_same_function(ordered, model, X, tol=1e-13)


def test_taking_over_layers_shares_nothing_and_keeps_the_rest():
    model, other = build([2, 1], input_names=["a", "b"]), build([2, 3, 1], grid=6, seed=4)
    replace_layers(model, other)
    x = torch.rand(5, 2)
    assert torch.equal(model(x), other(x)) and model.input_names == ("a", "b")
    with torch.no_grad():
        other.layers[0].basis.coef.zero_()
    assert not torch.equal(model(x), other(x))


def test_many_formulas_at_once_are_the_same_as_one_after_the_other():
    model = rich()
    edges = list(model.active_edges())[:3]
    wanted = {edge: ("sin", (1.0, 0.1 * n, 2.0, 0.5)) for n, edge in enumerate(edges)}
    step_by_step = model
    for edge, (function, affine) in wanted.items():
        step_by_step = set_formula(step_by_step, edge, function, affine)
    assert state_bits(set_formulas(model, wanted)) == state_bits(step_by_step)
    assert state_bits(set_formulas(model, {})) == state_bits(model)


def test_a_constant_edge_can_go_into_the_bias_above_it():
    model = set_formula(rich(), (0, 0, 0), "0", (1.0, 0.0, 1.0, 0.75))
    cut = mask_edges(add_to_biases(model, {(0, 0, 0): 0.75}), [(0, 0, 0)])
    assert cut.edge_kind(0, 0, 0) == "off"
    torch.testing.assert_close(cut(X), model(X))


def test_another_class_takes_over_the_scalers():
    x = torch.linspace(5, 9, 20)[:, None]
    scaled = build([1, 1], seed=0, input_scaler=Scaler.of(x), output_scaler=Scaler.of(100 * x))
    for source, into in ((scaled, [1, 1]), (build([1, 1], seed=0), [2, 3, 1])):
        assert torch.equal(KAN.of(source)(x), source(x))
        assert torch.equal(adopt(build(into), source)(x), source(x))
