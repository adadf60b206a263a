"""The faults that other KAN libraries commit without a word: one test each, by name.

Each docstring says what goes wrong elsewhere. Faults of one part only are tested beside that part.
"""

from __future__ import annotations

import copy
import io
import math
import pickle
import random

import numpy as np
import pytest
import torch

from edgewise import KAN, GridUpdates, Penalty
from edgewise.errors import EdgewiseError, InputError, NotAFormula, ShapeError
from edgewise.functions import LIBRARY
from edgewise.network import surgery

DOUBLE = torch.float64


def points(samples=200, columns=2, seed=0):
    return torch.rand(samples, columns, generator=torch.Generator().manual_seed(seed), dtype=DOUBLE) * 2 - 1


def target(x):
    return torch.exp(torch.sin(math.pi * x[:, :1]) + x[:, 1:2] ** 2)


def symbolic(width, names=("x^2", "x", "sin"), **settings):
    """A network of formula edges only."""
    model = KAN(width, seed=0, dtype=DOUBLE, **settings)
    number = 0
    for l, layer in enumerate(model.layers):
        for i in range(layer.in_features):
            for j in range(layer.subnodes):
                a = 0.5 + 0.1 * number
                model = model.fix(
                    (l, i, j), names[number % len(names)], a=a, b=0.2, c=1.0 - 0.1 * number, d=0.1
                )
                number += 1
    return model


def fitted(width=(2, 3, 1), steps=3, **settings):
    model, x = KAN(list(width), grid=5, seed=0, dtype=DOUBLE, **settings), points()
    model.fit((x, target(x)), steps=steps)
    return model, x


# Formulas


def test_a_network_without_formulas_is_not_the_formula_zero():
    """A trained network with no symbolic edge is printed as 0."""
    model, x = fitted()
    with pytest.raises(NotAFormula):
        model.formula(x)


def test_a_spline_edge_beside_a_formula_is_not_dropped():
    """The term of an edge that is not symbolic vanishes from the formula."""
    model, x = fitted((2, 1))
    half = model.fix((0, 0, 0), "x^2", x)
    with pytest.raises(NotAFormula, match=r"\(0, 1, 0\)"):
        half.formula(x)


def test_a_masked_edge_is_not_in_the_formula():
    """Masked edges stay in the formula."""
    x = points()
    found = surgery.mask_edges(symbolic([2, 1]), [(0, 1, 0)]).formula(x)
    assert {str(name) for name in found.expr.free_symbols} == {"x_1"} and found.error <= 1e-10


@pytest.mark.parametrize("arity", [2, 3, 4])
@pytest.mark.parametrize("products", [1, 2, 3])
def test_formulas_of_product_nodes(arity, products):
    """Two products of three factors give a formula that is off by 5 to 7 percent."""
    model, x = symbolic([2, (1, products), 1], mult_arity=arity), points()
    assert model.formula(x, snap=False).error <= 1e-10


def test_a_rejected_fit_is_not_in_the_formula():
    """A fit below the threshold is announced as left out, and is in the formula all the same."""
    x = points(300)
    y = torch.sin(40 * x[:, :1].abs().sqrt()) + x[:, 1:]
    model = KAN([2, 1], grid=40, seed=0, dtype=DOUBLE)
    model.fit((x, y), steps=10)
    found = model.symbolify((x, y), functions=["x"], r2=0.9)
    assert found.edge_kind(0, 0, 0) == "spline"
    with pytest.raises(NotAFormula, match=r"\(0, 0, 0\)"):
        found.formula(x)


def test_suggestions_change_nothing():
    """A look at suggestions turns masked edges on, and puts the last function tried in place of a formula."""
    model, x = symbolic([2, 1]), points()
    before, bits = model(x), copy.deepcopy(model.state_dict())
    model.suggest((0, 0, 0), x)
    assert torch.equal(model(x), before) and model.edge_kind(0, 0, 0) == "formula"
    assert all(torch.equal(value, model.state_dict()[name]) for name, value in bits.items())


def test_a_fast_sine_is_found():
    """Frequencies above 10 are not searched: sin(15 x) comes out with an R2 of 0.04."""
    x = torch.linspace(-1, 1, 400, dtype=DOUBLE)[:, None]
    model = KAN([1, 1], grid=60, seed=0, dtype=DOUBLE)
    model.fit((x, torch.sin(15 * x)), steps=10)
    assert model.suggest((0, 0, 0), x, functions=["sin"]).rows[0].r2 > 0.999


# Verbs leave their input as it was


def test_refined_and_pruned_networks_share_nothing_with_their_parent():
    """Refined and pruned models share tensors with the model they came from, and lose its options."""
    model, x = fitted(grid_eps=0.5, extrapolation="constant", base="identity")
    before, bits = model(x), copy.deepcopy(model.state_dict())
    for child in (model.refine(10), model.prune(x, node_threshold=0.0, edge_threshold=0.0), model.copy()):
        spline = child.layers[0].basis
        assert (spline.grid_eps, spline.extrapolation, spline.base_name) == (0.5, "constant", "identity")
        child.fit((x, -target(x)), steps=2)
        assert torch.equal(model(x), before)
    assert all(torch.equal(value, model.state_dict()[name]) for name, value in bits.items())


def test_pruning_makes_a_network_smaller_and_never_cuts_it_in_two():
    """Pruned edges keep their parameters; strong thresholds sever the network and crash."""
    model, x = fitted((2, 5, 1))
    pruned = model.prune(x, node_threshold=1e9, edge_threshold=1e9)
    assert sum(p.numel() for p in pruned.parameters()) < sum(p.numel() for p in model.parameters())
    assert torch.isfinite(pruned(x)).all() and pruned(x).shape == (200, 1)


def test_inputs_pruned_twice_then_all_other_verbs():
    """After pruning inputs twice, the columns are mixed up, and refine or copy fail."""
    x = points(300, 4)
    y = torch.sin(3 * x[:, [2]])
    model = KAN([4, 1], grid=5, seed=0, dtype=DOUBLE)
    model.fit((x, y), steps=5)
    once = model.prune_inputs(x, threshold=1e-3)
    twice = once.prune_inputs(x, threshold=0.2)
    assert twice.names == ("x_3",)
    for child in (twice.prune(x), twice.refine(10, x), twice.copy()):
        assert torch.allclose(child(x), twice(x), atol=1e-6)


def test_swapping_nodes_changes_nothing():
    """Swapping two nodes forgets affine maps, formulas and product nodes."""
    model, x = symbolic([2, (3, 2), 2], affine_trainable=True), points()
    with torch.no_grad():
        for part in model.parameters():
            part.add_(0.1 * torch.randn(part.shape, generator=torch.Generator().manual_seed(1), dtype=DOUBLE))
    assert torch.allclose(surgery.swap(model, 1, 0, 2)(x), model(x), atol=1e-12)
    assert torch.allclose(surgery.swap(model, 1, 3, 4)(x), model(x), atol=1e-12)


# Training


@pytest.mark.parametrize("magnitude", ["deviation", "gain", "share"])
def test_every_penalty_trains_something(magnitude):
    """Some of the documented penalties have no gradient, and train nothing."""
    model, x = KAN([2, 2, 1], seed=0, dtype=DOUBLE), points()
    before = model.layers[0].basis.coef.detach().clone()
    model.fit((x, torch.zeros(200, 1)), steps=1, penalty=Penalty(1.0, magnitude=magnitude), update_grid=False)
    assert not torch.equal(model.layers[0].basis.coef, before)


def test_the_penalty_is_finite_where_all_weights_are_zero():
    """The penalty is NaN at zero, which is where sparsity wants to go."""
    model, x = KAN([2, 2, 1], seed=0, dtype=DOUBLE), points()
    with torch.no_grad():
        for layer in model.layers:
            layer.basis.coef.zero_()
            layer.basis.scale_base.zero_()
    result = model.fit((x, torch.zeros(200, 1)), steps=2, lamb=1.0)
    assert math.isfinite(result.train_loss) and all(torch.isfinite(p).all() for p in model.parameters())


def test_flat_labels_are_not_broadcast():
    """Labels of shape (N,) are broadcast to (N, N): the model learns their mean."""
    x = points()
    model = KAN([2, 3, 1], seed=0, dtype=DOUBLE)
    try:
        result = model.fit((x, target(x)[:, 0]), steps=5)
    except ShapeError:
        return
    assert result.train_loss < 0.5 * float(target(x).std())


@pytest.mark.parametrize("opt", ["AdamW", "SGD", "RMSprop", "adam", "lbfgs"])
def test_every_optimiser_trains(opt):
    """An optimiser other than two trains nothing, and reports the loss of another model."""
    x = points()
    model = KAN([2, 2, 1], seed=0, dtype=DOUBLE)
    before = [part.detach().clone() for part in model.parameters() if part.requires_grad]
    result = model.fit((x, target(x)), opt=opt, steps=5, lr=1e-2)
    after = [part for part in model.parameters() if part.requires_grad]
    assert not any(torch.equal(one, other) for one, other in zip(before, after, strict=True))
    assert result.train_loss == pytest.approx((model(x) - target(x)).square().mean().sqrt().item())


def test_an_unknown_optimiser_is_refused():
    """An unknown optimiser ends in a NameError, or trains nothing."""
    with pytest.raises(InputError, match="AdamW"):
        KAN([2, 1], dtype=DOUBLE).fit((points(20), points(20, 1)), opt="AdmW", steps=1)


def test_cross_entropy_is_not_reported_as_its_root():
    """Whatever the loss, its square root is reported."""
    x = points()
    labels = (x[:, 0] > 0).long()
    model = KAN([2, 2], seed=0, dtype=DOUBLE)
    result = model.fit((x, labels), loss="cross_entropy", steps=2)
    true = torch.nn.functional.cross_entropy(model(x), labels).item()
    assert result.train_loss == pytest.approx(true) == result["cross_entropy"][-1]


def test_mini_batches_go_through_every_sample():
    """With a batch size, one random batch is drawn a step: most samples are never seen."""
    x, seen = points(50), []

    def loss(prediction, wanted):
        seen.extend(wanted.flatten().tolist())
        return (prediction - wanted).square().mean()

    KAN([2, 1], seed=0, dtype=DOUBLE).fit((x, target(x)), opt="Adam", batch=8, steps=1, loss=loss)
    assert set(target(x).flatten().tolist()) <= set(seen)


def test_columns_of_a_bad_scale_are_named():
    """Inputs from 0 to 1000 give a poor fit, and nothing is said."""
    x = 500 * (points() + 1)
    model = KAN([2, 1], seed=0, dtype=DOUBLE)
    assert "input_scaler" in " ".join(model.fit((x, points(200, 1)), steps=1).notes)


@pytest.mark.parametrize("columns", [1, 3])
def test_a_wrong_number_of_columns_is_refused(columns):
    """With fewer inputs declared than given, the first columns are used in silence."""
    with pytest.raises(ShapeError, match="2 columns"):
        KAN([2, 1], dtype=DOUBLE).fit((points(20, columns), points(20, 1)), steps=1)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_sample_that_is_not_a_number_is_refused(bad):
    """A NaN sample is taken in silence, and makes the whole model NaN."""
    x = points(20)
    x[3, 1] = bad
    with pytest.raises(InputError):
        KAN([2, 1], dtype=DOUBLE).fit((x, points(20, 1)), steps=1)


def test_fit_without_steps_updates_or_a_large_test_set():
    """steps=0, more grid updates than steps, no test set, or a small one: division by zero, or a crash."""
    x = points(50)
    model = KAN([2, 1], seed=0, dtype=DOUBLE)
    assert model.fit((x, target(x)), steps=0).steps == 0
    assert model.fit((x, target(x)), steps=3, update_grid=GridUpdates(50, stop=2)).test_loss is None
    data = {"train_input": x, "train_label": target(x), "test_input": x[:1], "test_label": target(x[:1])}
    assert math.isfinite(model.fit(data, steps=2, opt="Adam", batch=40).test_loss)


def test_ctrl_c_leaves_a_model_that_works():
    """An interrupted fit leaves flags switched off for good."""
    model, x = KAN([2, 2, 1], seed=0, dtype=DOUBLE), points()
    modes, wanted = model.training, [p.requires_grad for p in model.parameters()]

    def stop(*_):
        raise KeyboardInterrupt

    assert model.fit((x, target(x)), steps=5, callback=stop).stop.reason == "interrupted"
    assert model.training == modes and [p.requires_grad for p in model.parameters()] == wanted
    assert model.fit((x, target(x)), steps=2).stop.reason != "interrupted"


def test_arguments_are_left_as_they_were():
    """The constructor rewrites the list of widths it was given."""
    width, x = [2, (1, 1), 1], points(20)
    arrays = (x.numpy().copy(), target(x).numpy().copy())
    kept = tuple(array.copy() for array in arrays)
    KAN(width, seed=0, dtype=DOUBLE).fit(arrays, steps=1)
    assert width == [2, (1, 1), 1]
    assert all(np.array_equal(one, other) for one, other in zip(arrays, kept, strict=True))


def test_no_global_random_state_is_touched_and_the_same_seed_gives_the_same_bits():
    """The constructor seeds torch, numpy and random; equal seeds give unequal models."""
    torch.manual_seed(7)
    before = (torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate())
    one, two = fitted()[0], fitted()[0]
    after = (torch.get_rng_state(), np.random.get_state()[1], random.getstate())
    assert torch.equal(before[0], after[0]) and (before[1] == after[1]).all() and before[2] == after[2]
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True))


# Grids


@pytest.mark.parametrize(
    "column",
    [torch.zeros(50), torch.randint(0, 2, (50,)), torch.zeros(50).index_fill_(0, torch.tensor([3]), 1e6)],
    ids=["constant", "binary", "one far off"],
)
@pytest.mark.parametrize("samples", [1, 4, 50])
def test_grid_updates_on_awkward_columns_keep_the_outputs(column, samples):
    """Constant or binary columns and few samples give NaN, or another function."""
    model = KAN([2, 2, 1], grid=5, seed=0, dtype=DOUBLE)
    x = torch.stack([column.to(DOUBLE), points(50)[:, 0]], 1)[:samples]
    before = model(x)
    model.update_grid(x)
    assert torch.isfinite(model(x)).all()
    assert (model(x) - before).abs().max() <= 1e-3 * (1 + before.abs().max())


def test_a_refit_on_repeated_samples_is_finite():
    """Least squares without full rank give NaN on one device and an exception on another."""
    model, _ = fitted()
    x = points(3).repeat(20, 1)
    finer = model.refine(50, x)
    assert torch.isfinite(finer(points())).all()
    assert torch.allclose(finer(x), model(x), atol=1e-9)


def test_nan_inputs_do_not_come_out_as_numbers():
    """NaN inputs count as 0 in the basis, and give a number."""
    model, x = KAN([2, 2, 1], seed=0, dtype=DOUBLE), points(3)
    x[1, 0] = math.nan
    with torch.no_grad():
        assert model(x).isnan().flatten().tolist() == [False, True, False]


def test_refining_does_not_raise_the_loss():
    """After a refinement the loss jumps by up to three orders of magnitude."""
    model, x = fitted(steps=10)
    for grid in (10, 20, 200):
        finer = model.refine(grid, x)
        assert (finer(x) - model(x)).abs().max() <= 1e-10


def test_outside_the_grid_a_network_does_not_fade():
    """Outside the grid splines fade to zero, and only the base is left."""
    model = KAN([1, 1], base="zero", seed=0, dtype=DOUBLE)
    x = torch.linspace(-1, 1, 100, dtype=DOUBLE)[:, None]
    model.fit((x, 2 * x + 1), steps=10, update_grid=False)
    assert torch.allclose(
        model(torch.tensor([[3.0]], dtype=DOUBLE)), torch.tensor([[7.0]], dtype=DOUBLE), atol=0.1
    )


# Looking inside, keeping


@pytest.mark.parametrize("samples", [1, 2])
def test_scores_of_few_samples_are_numbers(samples):
    """Scores of one sample are NaN."""
    model, _ = fitted()
    scores = model.attribute(points(samples))
    assert all(math.isfinite(value) for value in scores.inputs.values())


def test_verbs_before_a_fit_ask_for_samples():
    """Verbs before a forward pass, or after loading, fail on None."""
    for verb in ("attribute", "prune", "symbolify"):
        with pytest.raises(EdgewiseError):
            getattr(KAN([2, 1]), verb)()


def test_every_way_of_keeping_a_model_keeps_its_formulas(tmp_path):
    """A state_dict round trip loses symbolic edges; pickle and deepcopy fail."""
    model, x = fitted()
    model = model.prune(x).fix((0, 0, 0), "sin", x)
    expected = model(x)
    buffer = io.BytesIO()
    torch.save(model.state_dict(), buffer)
    buffer.seek(0)
    again = model.copy()
    with torch.no_grad():
        for part in again.parameters():
            part.zero_()
    again.load_state_dict(torch.load(buffer, weights_only=True))
    model.save(tmp_path / "model.edgewise")
    for kept in (
        again,
        copy.deepcopy(model),
        pickle.loads(pickle.dumps(model)),
        KAN.load(tmp_path / "model.edgewise"),
    ):
        assert torch.equal(kept(x), expected)


def test_nothing_is_written(tmp_path, monkeypatch):
    """Checkpoints and pictures are written into the working folder unasked."""
    monkeypatch.chdir(tmp_path)
    model, x = fitted()
    model.prune(x).refine(10).copy().plot(x)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("how", ["grad", "no_grad", "inference_mode", "one sample"])
def test_no_way_to_run_forgets_the_formulas(how):
    """The fast mode drops symbolic edges without a word."""
    model, x = symbolic([2, (1, 1), 1]), points()
    expected = model(x).detach()
    modes = {"no_grad": torch.no_grad(), "inference_mode": torch.inference_mode()}
    with modes.get(how, torch.enable_grad()):
        got = torch.cat([model(row[None]) for row in x]) if how == "one sample" else model(x)
    assert torch.allclose(got, expected, rtol=1e-12, atol=1e-12) and expected.std() > 0.01


def test_verbs_after_loading_need_no_forward_pass(tmp_path):
    """After loading, every verb fails until the model has been run."""
    model, x = fitted()
    model.save(tmp_path / "model.edgewise")
    loaded = KAN.load(tmp_path / "model.edgewise")
    assert loaded.prune(x).width[0] == 2 and loaded.suggest((0, 0, 0), x).rows
    assert loaded.fix((0, 0, 0), "sin").edge_kind(0, 0, 0) == "formula"


def test_the_picture_does_not_depend_on_the_last_batch():
    """A picture drawn after another forward pass is another picture."""
    model, x = fitted()
    before = [line.get_xydata().copy() for axes in model.plot(x).axes for line in axes.lines]
    model(10 * x)
    after = [line.get_xydata() for axes in model.plot(x).axes for line in axes.lines]
    assert all(np.array_equal(one, other) for one, other in zip(before, after, strict=True))


@pytest.mark.parametrize("name", sorted(LIBRARY))
def test_functions_are_finite_everywhere_with_finite_gradients(name):
    """Protected functions jump, or have NaN for gradients, near their singular points."""
    x = torch.linspace(-3, 3, 601, dtype=DOUBLE)[:, None].requires_grad_()
    model = KAN([1, 1], dtype=DOUBLE).fix((0, 0, 0), name, a=1.0, b=0.0, c=1.0, d=0.0)
    y = model(x)
    (slope,) = torch.autograd.grad(y.sum(), x)
    assert torch.isfinite(y).all() and torch.isfinite(slope).all()
