"""The operators that stand in compiled graphs, called by themselves: torch's own checks of operators."""

from __future__ import annotations

import itertools

import pytest
import torch

from edgewise.edges import EdgeSpec, EdgeWeights, custom_ops, reference
from edgewise.errors import ShapeError
from edgewise.spline import uniform_knots

CASES = list(itertools.product([torch.float32, torch.float64], [0, 3], ["silu", "identity"], [True, False]))


def made(dtype, degree, base, full, requires_grad=False):
    generator = torch.Generator().manual_seed(degree)
    draw = lambda *sides: torch.randn(sides, generator=generator, dtype=dtype, requires_grad=requires_grad)
    ends = torch.ones(3, dtype=dtype)
    knots = uniform_knots(-ends, ends, 4, degree)
    x = (0.5 * draw(5, 3)).detach().requires_grad_(requires_grad)
    weights = EdgeWeights(draw(3, 4 + degree, 2), draw(3, 2), draw(3, 2) if full else None)
    factor = draw(5, 3) if full else None
    kind = (degree, base, "linear")
    return x, factor, draw(5, 2), weights, knots, kind


def calls(x, factor, grad, weights, knots, kind):
    return {
        "sums": (x, factor, *weights, knots, *kind, 0),
        "input_gradient": (x, grad, *weights, knots, *kind, 1),
        "weight_gradient": (x, factor, grad, *weights, knots, *kind, 0),
    }


@pytest.mark.parametrize("name", ["sums", "input_gradient", "weight_gradient"])
@pytest.mark.parametrize("requires_grad", [False, True])
def test_torchs_checks_of_operators(name, requires_grad):
    arguments = calls(*made(torch.float64, 3, "silu", True, requires_grad))[name]
    torch.library.opcheck(getattr(custom_ops, f"_{name}"), arguments)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_they_give_what_the_reference_gives(case):
    x, factor, grad, weights, knots, kind = made(*case)
    spec, given = EdgeSpec(*kind), calls(x, factor, grad, weights, knots, kind)
    ops = torch.ops.edgewise
    torch.testing.assert_close(
        ops.sums(*given["sums"]), reference.sums(x, factor, weights, knots, spec, 0), rtol=1e-4, atol=1e-5
    )
    torch.testing.assert_close(
        ops.input_gradient(*given["input_gradient"]),
        reference.input_gradient(x, grad, weights, knots, spec, 1),
        rtol=1e-4,
        atol=1e-4,
    )
    wanted = reference.weight_gradient(x, factor, grad, weights, knots, spec, 0)
    for got, want in zip(ops.weight_gradient(*given["weight_gradient"]), wanted, strict=True):
        if want is not None:
            torch.testing.assert_close(got, want, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ["sums", "input_gradient", "weight_gradient"])
def test_gradients_of_each_order(name):
    *tensors, knots, degree, base, rule, order = calls(*made(torch.float64, 3, "silu", True, True))[name]

    def run(*tensors):
        return getattr(torch.ops.edgewise, name)(*tensors, knots, degree, base, rule, order)

    assert torch.autograd.gradcheck(run, tensors)
    assert torch.autograd.gradgradcheck(run, tensors)


@pytest.mark.parametrize(
    ("name", "place", "wrong"),
    [
        ("sums", 5, lambda knots: knots[:1]),
        ("sums", 2, lambda coef: coef[:, :-1]),
        ("sums", 2, lambda coef: coef[0]),
        ("sums", 3, lambda base: base.T.contiguous()),
        ("sums", 1, lambda factor: factor[:2]),
        ("sums", 0, lambda x: x[:, :2]),
        ("input_gradient", 1, lambda grad: grad[:, :1]),
        ("input_gradient", 5, lambda knots: knots[:, :-1]),
        ("weight_gradient", 2, lambda grad: grad[:3]),
        ("weight_gradient", 6, lambda knots: knots[:2]),
    ],
)
def test_shapes_that_do_not_fit_are_refused_before_anything_is_read(name, place, wrong):
    arguments = list(calls(*made(torch.float64, 3, "silu", True))[name])
    arguments[place] = wrong(arguments[place])
    with pytest.raises(ShapeError, match=r"edge_sums: .* must have shape"):
        getattr(torch.ops.edgewise, name)(*arguments)


def test_points_must_stand_in_rows():
    arguments = list(calls(*made(torch.float64, 3, "silu", False))["sums"])
    arguments[0] = arguments[0][None]
    with pytest.raises(ShapeError, match=r"x must have shape \(batch, in\)"):
        torch.ops.edgewise.sums(*arguments)
