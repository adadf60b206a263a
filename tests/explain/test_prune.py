from __future__ import annotations

import copy
import pickle

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from edgewise.errors import InputError
from edgewise.events import listen
from edgewise.explain import attribute, prune, prune_edges, prune_inputs
from edgewise.explain.prune import change_of_outputs
from edgewise.network import Network, Scaler, build, load, mask_edges, refine, save, select_nodes, set_formula
from edgewise.testing import check_same_function, state_bits


def samples(rows=200, columns=4) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return 2 * torch.rand(rows, columns, generator=generator, dtype=torch.float64) - 1


def known(**settings) -> Network:
    """Outputs depend on columns 2 and 3 alone, by way of hidden node 1; all else is a thousandth."""
    model = build([4, 3, 1], dtype=torch.float64, init="paper", **settings)
    with torch.no_grad():
        for layer in model.layers:
            layer.basis.coef.mul_(1e-3)
            layer.basis.scale_base.mul_(1e-3)
        model.layers[0].basis.scale_base[2:, 1] = torch.tensor([1.0, -0.7])
        model.layers[1].basis.scale_base[1, 0] = 1.0
    return model


def count(model: Network) -> int:
    return sum(value.numel() for value in model.parameters())


def test_prune_gives_a_really_smaller_network_that_computes_the_same():
    model, x = known(), samples()
    pruned = prune(model, x)
    assert pruned.model.width == (4, 1, 1)
    assert sorted(pruned.model.active_edges()) == [(0, 2, 0), (0, 3, 0), (1, 0, 0)]
    assert count(pruned.model) < count(model) / 2.5
    check_same_function(pruned.model, model, x, tol=0.02)


def test_what_went_is_told_by_the_addresses_it_had():
    pruned = prune(known(), samples(), input_threshold=1e-2)
    assert pruned.nodes == ((1, 0), (1, 2))
    assert pruned.inputs == ("x_1", "x_2")
    left = {(0, 2, 1), (0, 3, 1), (1, 1, 0)}
    assert set(pruned.edges) == set(known().active_edges()) - left
    assert str(pruned).startswith(
        "cut 12 edges, 2 hidden nodes, inputs x_1, x_2; left 3 edges, width (2, 1, 1); "
    )


def test_addresses_with_products_are_those_of_the_original_sub_nodes():
    model = build([2, (1, [2, 2]), 1], dtype=torch.float64, init="paper")
    model = mask_edges(model, [(1, 1, 0)])  # the first product leads nowhere
    pruned = prune(model, samples(columns=2), node_threshold=0, edge_threshold=0)
    assert pruned.nodes == ((1, 1),)
    assert set(pruned.edges) == {(0, i, j) for i in (0, 1) for j in (1, 2)}
    assert pruned.model.width == (2, (1, (2,)), 1)


@pytest.mark.parametrize("verb", [prune, prune_edges, prune_inputs])
def test_the_change_of_the_outputs_is_told(verb):
    model, x = build([4, (2, 1), 2], dtype=torch.float64, init="paper"), samples()
    pruned = verb(model, x)
    before, after = model(x).detach(), pruned.model(x).detach()
    change = ((after - before).square().mean(0) / before.var(0, correction=0)).max()
    assert pruned.change == pytest.approx(float(change), abs=1e-14)
    assert "the outputs changed by" in str(pruned)


def test_a_prune_that_changes_the_outputs_much_says_so_and_one_that_does_not_is_silent():
    model, x, told = known(), samples(), []
    with listen(told.append):
        gentle = prune(model, x)
        assert gentle.change < 1e-4
        assert "That is much" not in str(gentle)
        assert not [event for event in told if "That is much" in event.text]
        bold = prune(build([4, 3, 1], dtype=torch.float64, init="paper"), x, edge_threshold=0.6)
    assert bold.change > 0.01
    assert "That is much" in str(bold)
    assert [event for event in told if "That is much" in event.text]


def test_the_change_is_free_of_units_and_of_outputs_that_do_not_vary():
    before = samples(columns=2)
    after = 0.9 * before
    want = change_of_outputs(before, after)
    assert change_of_outputs(1e-30 * before + 1e-29, 1e-30 * after + 1e-29) == pytest.approx(want, rel=1e-6)
    constant = torch.full((200, 1), 0.1, dtype=torch.float64)
    assert (
        change_of_outputs(torch.cat([before, constant], 1), torch.cat([after, constant + 1e-17], 1)) == want
    )
    assert change_of_outputs(constant, constant) == 0.0


def test_prune_leaves_its_model_as_it_was():
    model, x = known(), samples()
    before = state_bits(model)
    small = prune(model, x, input_threshold=0.5).model
    for value in [*small.parameters(), *small.buffers()]:
        value.data.add_(1)
    assert state_bits(model) == before


def test_prune_works_before_any_forward_attribution_or_plot():
    assert prune_edges(build([2, 5, 1]), samples(columns=2).float(), threshold=0.2).model.width == (2, 5, 1)


@pytest.mark.parametrize("verb", [prune, prune_edges, prune_inputs])
def test_every_prune_verb_returns_a_model(verb):
    assert isinstance(verb(known(), samples()).model, Network)


def test_cutting_edges_keeps_the_mean_of_the_outputs():
    model, x = build([4, 3], dtype=torch.float64, init="paper"), samples()
    pruned = prune_edges(model, x, threshold=0.4)
    assert len(pruned.edges) >= 3
    torch.testing.assert_close(pruned.model(x).mean(0), model(x).mean(0), rtol=0, atol=1e-14)


def test_removing_a_constant_node_changes_nothing_even_into_products():
    model = build([2, 2, (1, [2]), 1], affine_trainable=True, dtype=torch.float64, init="paper")
    with torch.no_grad():
        model.layers[1].nodes.subnode_scale.mul_(1.3)
        model.layers[1].nodes.subnode_bias.add_(0.2)
        model.layers[0].nodes.node_bias.add_(0.4)
    model = mask_edges(model, [(0, 0, 1), (0, 1, 1)])  # node 1 of level 1 is 0.4 for every sample
    x = samples(columns=2)
    pruned = prune(model, x, node_threshold=0, edge_threshold=0)
    assert pruned.nodes == ((1, 1),)
    check_same_function(pruned.model, model, x, tol=1e-14)


def test_a_formula_edge_is_cut_with_its_mean():
    model = build([2, 1], dtype=torch.float64, init="paper")
    model = set_formula(model, (0, 1, 0), "x", (1.0, 0.0, 1e-4, 5.0))
    x = samples(columns=2)
    pruned = prune_edges(model, x, threshold=1e-2)
    assert pruned.edges == ((0, 1, 0),)
    assert pruned.model.edge_kind(0, 1, 0) == "off"
    check_same_function(pruned.model, model, x, tol=1e-3)


@pytest.mark.parametrize("width", [[4, 5, 3], [4, 1, 1], [4, (2, [2, 3]), (1, [2]), 2], [4, 2]], ids=str)
@pytest.mark.parametrize("threshold", [0.5, 10.0, float("inf")])
def test_aggressive_thresholds_never_sever_an_output(width, threshold):
    model, x = build(width, dtype=torch.float64, init="paper"), samples()
    pruned = prune(model, x, node_threshold=threshold, edge_threshold=threshold, input_threshold=threshold)
    outputs = pruned.model(x)
    assert outputs.shape[1] == model(x).shape[1]
    assert outputs.isfinite().all()
    assert (outputs.std(0) > 0).all()
    scores = attribute(pruned.model, x)
    assert all((row > 0).any() for row in scores.nodes_by_output[0])
    assert count(pruned.model) <= count(model)


def test_infinite_thresholds_leave_one_path_to_an_output():
    pruned = prune(
        build([4, 5, 5, 1]), samples().float(), node_threshold=9, edge_threshold=9, input_threshold=9
    )
    assert pruned.model.width == (1, 1, 1, 1)
    assert len(list(pruned.model.active_edges())) == 3


def test_thresholds_of_zero_cut_only_what_has_no_influence():
    model, x = build([3, 4, 1], dtype=torch.float64), samples(columns=3)
    assert prune(model, x, node_threshold=0, edge_threshold=0).edges == ()
    assert prune_inputs(model, x, threshold=0).inputs == ()


def test_nodes_that_lose_all_their_edges_go_too():
    model = mask_edges(known(), [(1, 2, 0)])
    pruned = prune(model, samples(), node_threshold=0, edge_threshold=0)
    assert (1, 2) in pruned.nodes


def test_prune_inputs_twice_composes_the_columns():
    model, x = known(input_names=["a", "b", "c", "d"]), samples()
    once = prune_inputs(model, x)
    assert (once.inputs, once.model.columns.tolist()) == (("a", "b"), [2, 3])
    assert once.model.n_columns == 4
    again = prune_inputs(once.model, x, threshold=0.85)
    assert again.inputs == ("d",)
    assert again.model.columns.tolist() == [2]
    check_same_function(once.model, model, x, tol=0.02)
    altered = x.clone()
    altered[:, [0, 1, 3]] = 7.0
    check_same_function(again.model, again.model, altered)
    assert torch.equal(again.model(altered), again.model(x))


def test_pruned_models_prune_refine_copy_save_and_load(tmp_path):
    model, x = known(), samples()
    small = prune_inputs(model, x).model
    small = prune(small, x).model
    small = prune_edges(small, x, threshold=0.0).model
    finer = refine(small, 6, x).model
    check_same_function(finer, small, x, tol=1e-12)
    save(finer, tmp_path / "model")
    for other in (copy.deepcopy(finer), pickle.loads(pickle.dumps(finer)), load(tmp_path / "model")):
        check_same_function(other, finer, x)
        assert other.names == ("x_3", "x_4")
        assert prune_inputs(other, x, threshold=0.85).model.columns.tolist() == [2]


def test_a_model_that_takes_all_columns_still_refuses_the_wrong_number():
    small = prune_inputs(known(), samples()).model
    with pytest.raises(InputError, match="must have 4 columns"):
        small(samples(columns=2))


def test_options_and_what_is_trained_survive_prune():
    model = known(grid_eps=0.4, extrapolation="constant", k=2, affine_trainable=True)
    model.layers[0].basis.scale_base.requires_grad_(False)
    small = prune(model.eval(), samples()).model
    spline = small.layers[0].basis
    assert (spline.grid_eps, spline.extrapolation, spline.k) == (0.4, "constant", 2)
    assert not spline.scale_base.requires_grad
    assert spline.coef.requires_grad
    assert small.layers[0].nodes.node_scale.requires_grad
    assert not small.layers[0].training


def test_scalers_and_names_survive_prune():
    scaler = Scaler(torch.arange(4.0) / 10, torch.ones(4))
    model = known(input_scaler=scaler, output_scaler=Scaler(torch.ones(1), torch.ones(1)), input_names="abcd")
    small = prune(model, samples(), input_threshold=1e-2).model
    assert small.names == ("c", "d")
    torch.testing.assert_close(small.input_scaler.shift, torch.tensor([0.2, 0.3], dtype=torch.float64))
    check_same_function(small, model, samples(), tol=0.02)


def test_a_pruned_model_trains():
    x = samples()
    small = prune(known(), x, input_threshold=1e-2).model
    small(x).square().mean().backward()
    assert all(v.grad.isfinite().all() for v in small.parameters() if v.grad is not None)


@pytest.mark.parametrize("rows", [1, 5])
def test_samples_that_do_not_vary_are_refused(rows):
    for verb in (prune, prune_edges, prune_inputs):
        with pytest.raises(InputError, match="the outputs must vary over x"):
            verb(known(), samples(1).repeat(rows, 1))


def test_a_network_without_any_path_is_refused():
    model = select_nodes(build([1, 1, 1]), [[0], [0], [0]])
    with pytest.raises(InputError, match="the outputs must vary"):
        prune(mask_edges(model, [(0, 0, 0)]), samples(columns=1).float())


@pytest.mark.parametrize("threshold", [-0.1, float("nan"), "0.1"])
def test_thresholds_that_are_no_thresholds_are_refused(threshold):
    for name in ("node_threshold", "edge_threshold", "input_threshold"):
        with pytest.raises(InputError, match=f"{name} must be at least 0"):
            prune(known(), samples(), **{name: threshold})
    for verb in (prune_edges, prune_inputs):
        with pytest.raises(InputError, match="threshold must be at least 0"):
            verb(known(), samples(), threshold=threshold)


@settings(deadline=None, derandomize=True, max_examples=25)
@given(st.integers(0, 10**6), st.floats(0, 2), st.floats(0, 2), st.sampled_from([None, 0.0, 0.3, 2.0]))
def test_any_thresholds_leave_every_live_output_alive(seed, nodes, edges, inputs):
    model = build([4, (3, [2]), (2, [3]), 2], dtype=torch.float64, init="paper", seed=seed)
    off = [edge for number, edge in enumerate(model.active_edges()) if (number * 7919 + seed) % 5 == 0]
    model, x = mask_edges(model, off), samples(40)
    alive = model(x).std(0) > 1e-9
    if not bool(alive.any()):
        return
    small = prune(model, x, node_threshold=nodes, edge_threshold=edges, input_threshold=inputs).model
    assert bool((small(x).std(0) > 0)[alive].all())
    assert small(x).isfinite().all()
