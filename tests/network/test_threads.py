"""One model, many threads: everyone gets what one thread alone gets."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from edgewise.network import Scaler, build, refine, set_formula, trace

THREADS, ROUNDS = 12, 40


def formulas():
    model = set_formula(build([3, (2, 2), 2], dtype=torch.float64), (0, 0, 0), "sin")
    return set_formula(model, (1, 1, 1), "exp")


MODELS = {
    "small, all compiled": lambda: build([3, 5, 2], dtype=torch.float64),
    "small, single precision": lambda: build([3, 5, 2]),
    "large, layer by layer": lambda: build([3, 64, 64, 2], dtype=torch.float64),
    "products and scalers": lambda: build(
        [3, (2, 2), 2],
        dtype=torch.float64,
        input_scaler=Scaler(torch.zeros(3), 2 * torch.ones(3)),
        affine_trainable=True,
    ),
    "formulas": formulas,
    "a base of the user's own": lambda: build([3, 4, 2], base=torch.tanh, dtype=torch.float64),
    "decay": lambda: build([3, 4, 2], extrapolation="decay", k=2, dtype=torch.float64),
}


def batches(model):
    generator = torch.Generator().manual_seed(0)
    dtype = model.layers[0].basis.coef.dtype
    return [torch.rand(3 + 7 * n, 3, generator=generator, dtype=dtype) * 3 - 1.5 for n in range(THREADS)]


def together(work, inputs):
    """Each input to a thread of its own, again and again, all at the same time."""
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(lambda x: [work(x) for _ in range(ROUNDS)], inputs))


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS.keys())
def test_outputs_are_those_of_one_thread(make):
    model = make()

    def outputs(x):
        with torch.no_grad():
            return model(x)

    inputs = batches(model)
    alone = [outputs(x) for x in inputs]
    for want, found in zip(alone, together(outputs, inputs), strict=True):
        assert all(torch.equal(got, want) for got in found)


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS.keys())
def test_gradients_of_inputs_and_parameters_are_those_of_one_thread(make):
    model = make()
    parameters = [part for part in model.parameters() if part.requires_grad]

    def gradients(x):
        x = x.clone().requires_grad_()
        return torch.autograd.grad(model(x).square().sum(), [x, *parameters], allow_unused=True)

    inputs = batches(model)
    alone = [gradients(x) for x in inputs]
    for want, found in zip(alone, together(gradients, inputs), strict=True):
        for got in found:
            assert all(a is b if a is None else torch.equal(a, b) for a, b in zip(want, got, strict=True))


def test_verbs_that_look_are_those_of_one_thread():
    model = build([3, 5, 2], dtype=torch.float64)

    def look(x):
        return trace(model, x).layers[0].edge_std, refine(model, 6).model(x)

    inputs = batches(model)
    alone = [look(x) for x in inputs]
    for want, found in zip(alone, together(look, inputs), strict=True):
        assert all(torch.equal(a, b) for got in found for a, b in zip(want, got, strict=True))
