"""Outputs with their penalty in compiled code: those of plain torch, with gradients of both orders."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from edgewise import KAN, Penalty
from edgewise.edges import native
from edgewise.network import build, mask_edges
from edgewise.train.objective import penalty as module
from edgewise.train.objective.penalty import outputs_and_penalty

pytestmark = pytest.mark.skipif(not native.AVAILABLE, reason="built without the compiled part")

SMALL, LARGE = [3, 4, 2], [37, 50, 11, 3]
PENALTIES = [
    Penalty(1.0, magnitude=magnitude, **weights)
    for magnitude in ("deviation", "gain", "share")
    for weights in ({}, {"l1": 0.3, "entropy": 0.0}, {"entropy": 0.7, "coef": 0.2, "coefdiff": 0.1})
]


def samples(batch, columns, dtype=torch.float64):
    generator = torch.Generator().manual_seed(batch)
    return (torch.rand(batch, columns, generator=generator, dtype=torch.float64) * 2.4 - 1.2).to(dtype)


def by_modules(model, x, penalty):
    """The plain path: taken where somebody follows what torch does."""
    with FlopCounterMode(display=False):
        return outputs_and_penalty(model, x, penalty)


def gradients(model, found, *others):
    asked = [part for part in (*model.parameters(), *others) if part.requires_grad]
    outputs, value = found
    return torch.autograd.grad(outputs.sin().sum() / len(outputs) + 0.3 * value, asked)


def check(model, x, penalty, within):
    got, want = outputs_and_penalty(model, x, penalty), by_modules(model, x, penalty)
    assert "Penalty" in type(got[1].grad_fn).__name__
    pairs = [*zip(got, want, strict=True)]
    pairs += zip(gradients(model, got, x), gradients(model, want, x), strict=True)
    for one, other in pairs:
        assert (one - other).abs().max() <= within * (1e-3 + other.abs().max())


@pytest.mark.parametrize("width", [SMALL, LARGE], ids=str)
@pytest.mark.parametrize("penalty", PENALTIES, ids=str)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=str)
def test_values_and_gradients_are_those_of_plain_torch(width, penalty, dtype):
    model = build(width, seed=0, dtype=dtype, init="paper")
    check(
        model, samples(200, width[0], dtype).requires_grad_(), penalty, 1e-8 if dtype.itemsize == 8 else 3e-3
    )


KINDS = itertools.product([0, 1, 2, 5], ["linear", "constant", "decay", "periodic"], ["silu", "zero"])


@pytest.mark.parametrize("kind", list(KINDS), ids=str)
@pytest.mark.parametrize("width", [SMALL, LARGE], ids=str)
def test_every_kind_of_edge(kind, width):
    degree, rule, base = kind
    model = build(width, seed=0, k=degree, extrapolation=rule, base=base, dtype=torch.float64, init="paper")
    check(model, samples(70, width[0]).requires_grad_(), Penalty(1.0, coefdiff=0.1), 1e-7)


@pytest.mark.parametrize("target", ["baseline", "avx2", "avx512"])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=str)
def test_every_kind_of_processor(target, dtype):
    if not native.use_target(target):
        pytest.skip("this processor does not run them")
    try:
        model = build(LARGE, seed=0, dtype=dtype, init="paper")
        x = samples(100, LARGE[0], dtype).requires_grad_()
        check(model, x, Penalty(1.0, coef=0.1), 1e-8 if dtype.itemsize == 8 else 3e-3)
    finally:
        native.use_target(None)


@pytest.mark.parametrize("width", [SMALL, LARGE], ids=str)
@pytest.mark.parametrize("magnitude", ["deviation", "gain", "share"])
def test_edges_that_are_off_and_maps_of_the_nodes(width, magnitude):
    model = build(width, seed=0, dtype=torch.float64)
    mask_edges(model, [(0, 0, 1), (0, 2, 0), (1, 1, 0)])
    with torch.no_grad():
        model.layers[0].nodes.node_scale.fill_(0.7)
        model.layers[0].nodes.subnode_bias.fill_(0.1)
        model.layers[1].nodes.subnode_scale[0] = 0.0
    check(model, samples(50, width[0]).requires_grad_(), Penalty(1.0, magnitude=magnitude, coef=0.1), 1e-8)


@pytest.mark.parametrize("width", [SMALL, LARGE], ids=str)
@pytest.mark.parametrize("batch", [1, 2, 1500])
def test_any_number_of_samples(width, batch):
    model = build(width, seed=0, dtype=torch.float64)
    check(model, samples(batch, width[0]).requires_grad_(), Penalty(1.0, magnitude="share"), 1e-7)


@pytest.mark.parametrize("width", [SMALL, LARGE], ids=str)
def test_a_network_of_nothing_has_finite_gradients(width):
    model = build(width, seed=0)
    for layer in model.layers:
        layer.basis.silence_()
    outputs, value = outputs_and_penalty(model, samples(20, width[0], torch.float32), Penalty(1.0))
    assert value == 0 and not outputs.any()
    assert all(part.isfinite().all() for part in gradients(model, (outputs, value)))


@pytest.mark.parametrize("width", [[2, 3, 1], [2, (1, 2), 1], [2, 1001, 1]], ids=str)
def test_derivatives_of_both_orders(width):
    model = build(width, seed=0, grid=2, k=3, dtype=torch.float64)
    x = samples(6, 2).requires_grad_()
    run = lambda x: outputs_and_penalty(model, x, Penalty(1.0, coef=0.1))
    assert torch.autograd.gradcheck(run, x)
    assert torch.autograd.gradgradcheck(run, x, atol=1e-4)


@pytest.mark.parametrize("width", [SMALL, LARGE], ids=str)
def test_one_of_the_two_results_is_enough(width):
    model, x = build(width, seed=0, dtype=torch.float64), samples(30, width[0])
    weights = [part for part in model.parameters() if part.requires_grad]
    for place in (0, 1):
        got, want = outputs_and_penalty(model, x, Penalty(1.0)), by_modules(model, x, Penalty(1.0))
        slopes = (
            torch.autograd.grad(found[place].sum(), weights, allow_unused=True) for found in (got, want)
        )
        for one, other in zip(*slopes, strict=True):
            torch.testing.assert_close(
                one, torch.zeros_like(one) if other is None else other, rtol=1e-6, atol=1e-9
            )


@pytest.mark.parametrize("width", [SMALL, LARGE], ids=str)
def test_twice_backward_gives_the_same(width):
    model, x = build(width, seed=0), samples(30, width[0], torch.float32)
    outputs, value = outputs_and_penalty(model, x, Penalty(1.0, magnitude="share"))
    weights = [part for part in model.parameters() if part.requires_grad]
    once, again = (torch.autograd.grad(outputs.sum() + value, weights, retain_graph=True) for _ in range(2))
    twice = torch.autograd.grad(2 * (outputs.sum() + value), weights)
    for one, other, double in zip(once, again, twice, strict=True):
        assert torch.equal(one, other)
        torch.testing.assert_close(2 * one, double)


def test_same_bits_whatever_the_threads():
    model, x = build(LARGE, seed=0), samples(3000, LARGE[0], torch.float32).requires_grad_()
    before, found = torch.get_num_threads(), []
    try:
        for threads in (1, 2, 3):
            torch.set_num_threads(threads)
            both = outputs_and_penalty(model, x, Penalty(1.0))
            found.append((*both, *gradients(model, both, x)))
    finally:
        torch.set_num_threads(before)
    assert all(torch.equal(a, b) for other in found[1:] for a, b in zip(found[0], other, strict=True))


@pytest.mark.parametrize("width", [SMALL, LARGE], ids=str)
def test_layers_that_are_not_as_written_run_as_they_are(width):
    """Hooks, formulas, magnitudes of the user's, function transforms."""
    x = samples(30, width[0])
    hooked = build(width, seed=0, dtype=torch.float64)
    hooked.layers[1].basis.register_forward_hook(lambda *args: None)
    assert "Penalty" not in type(outputs_and_penalty(hooked, x, Penalty(1.0))[1].grad_fn).__name__
    model = build(width, seed=0, dtype=torch.float64)
    own = Penalty(1.0, magnitude=lambda *args: module.edge_gain(*args))
    for one, other in zip(
        outputs_and_penalty(model, x, own), outputs_and_penalty(model, x, Penalty(1.0)), strict=True
    ):
        torch.testing.assert_close(one, other, rtol=1e-7, atol=1e-9)
    symbolic = KAN([2, 3, 1], seed=0, dtype=torch.float64).set_formula((0, 0, 0), "sin")
    assert "Penalty" not in type(outputs_and_penalty(symbolic, x[:, :2], Penalty(1.0))[1].grad_fn).__name__


def test_parameters_changed_in_place_before_the_backward_pass_are_refused():
    model, x = build(LARGE, seed=0), samples(30, LARGE[0], torch.float32)
    outputs, value = outputs_and_penalty(model, x, Penalty(1.0))
    with torch.no_grad():
        model.layers[0].basis.coef.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        (outputs.sum() + value).backward()
