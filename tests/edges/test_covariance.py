"""Covariances of features by compiled code: those of plain torch, with gradients of both orders."""

from __future__ import annotations

import itertools

import pytest
import torch

from edgewise.edges import EdgeSpec, native
from edgewise.edges.covariance import edge_variances, feature_covariance, reference_covariance
from edgewise.errors import ShapeError
from edgewise.spline import uniform_knots

pytestmark = pytest.mark.skipif(not native.AVAILABLE, reason="built without the compiled part")

CASES = list(
    itertools.product(
        [torch.float64, torch.float32], [0, 1, 3, 4], ["linear", "constant", "decay", "periodic"], [1, 12]
    )
)


def made(dtype, degree, grid, batch=300, inputs=19, uneven=True):
    generator = torch.Generator().manual_seed(degree)
    ends = torch.ones(inputs, dtype=torch.float64)
    knots = uniform_knots(-ends, ends, grid, degree)
    if uneven:
        knots = (knots + 0.3 / grid * torch.rand(knots.shape, generator=generator, dtype=torch.float64)).sort(
            1
        )[0]
    x = torch.rand(batch, inputs, generator=generator, dtype=torch.float64) * 2.6 - 1.3
    return x.to(dtype).requires_grad_(), knots.to(dtype)


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("base", ["silu", "identity", "zero"])
def test_it_is_that_of_plain_torch_and_so_is_its_gradient(case, base):
    dtype, degree, rule, grid = case
    x, knots = made(dtype, degree, grid, uneven=degree % 2 == 1)
    spec = EdgeSpec(degree, base, rule)
    got, want = feature_covariance(x, knots, spec), reference_covariance(x, knots, spec)[1]
    within = 1e-11 if dtype == torch.float64 else 2e-3
    assert (got - want).abs().max() <= within * (1e-2 + want.abs().max())
    weight = torch.randn(got.shape, generator=torch.Generator().manual_seed(1), dtype=dtype)
    slopes = [
        torch.autograd.grad(value, x, weight, materialize_grads=True, allow_unused=True)[0]
        for value in (got, want)
    ]
    assert (slopes[0] - slopes[1]).abs().max() <= within * (1e-4 + slopes[1].abs().max())


@pytest.mark.parametrize("batch", [0, 1, 2, 3000])
def test_any_number_of_samples(batch):
    x, knots = made(torch.float64, 3, 5, batch=batch, inputs=3)
    got = feature_covariance(x, knots, EdgeSpec(3))
    if batch:
        torch.testing.assert_close(got, reference_covariance(x, knots, EdgeSpec(3))[1], rtol=1e-9, atol=1e-12)
    else:
        assert not got.any()


def test_a_far_base_does_not_cancel():
    x, knots = made(torch.float32, 3, 5, inputs=2)
    far = x.detach() + 1000
    got = feature_covariance(far, knots + 1000, EdgeSpec(3, "identity"))[:, 0, 0]
    torch.testing.assert_close(got, far.double().var(0, correction=0).float(), rtol=1e-4, atol=0)


def test_derivatives_of_both_orders():
    x, knots = made(torch.float64, 3, 4, batch=7, inputs=2, uneven=False)
    run = lambda x: feature_covariance(x, knots, EdgeSpec(3))
    assert torch.autograd.gradcheck(run, x)
    assert torch.autograd.gradgradcheck(run, x)


def test_variances_and_their_derivatives():
    generator = torch.Generator().manual_seed(0)
    draw = lambda *sides: torch.randn(sides, generator=generator, dtype=torch.float64, requires_grad=True)
    root = draw(3, 5, 5)
    covariance = (root @ root.transpose(1, 2)).detach().requires_grad_()
    given = (draw(3, 4, 2), draw(3, 2), draw(3, 2), covariance)
    assert torch.autograd.gradcheck(edge_variances, given)
    assert torch.autograd.gradgradcheck(edge_variances, given)


def test_knots_that_do_not_fit_are_refused():
    x, knots = made(torch.float64, 3, 4)
    for wrong in (knots[:1], knots[:, :6], knots[0]):
        with pytest.raises(ShapeError, match="feature_covariance: x must have shape"):
            feature_covariance(x, wrong, EdgeSpec(3))


def test_same_bits_whatever_the_threads():
    x, knots = made(torch.float32, 3, 8, batch=4000)
    before, found = torch.get_num_threads(), []
    try:
        for threads in (1, 2, 3):
            torch.set_num_threads(threads)
            covariance = feature_covariance(x, knots, EdgeSpec(3))
            found.append((covariance, *torch.autograd.grad(covariance.square().sum(), x)))
    finally:
        torch.set_num_threads(before)
    assert all(torch.equal(a, b) for other in found[1:] for a, b in zip(found[0], other, strict=True))
