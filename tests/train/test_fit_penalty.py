from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from edgewise.network import build
from edgewise.train import fit
from edgewise.train.objective.penalty import MAGNITUDES, Penalty, outputs_and_penalty

X = torch.linspace(-1, 1, 40)[:, None]
Y = (3 * X).sin()
XY = torch.rand(50, 2, generator=torch.Generator().manual_seed(1)) * 2 - 1
Z = (XY[:, :1] * 2).sin() + XY[:, 1:] ** 2


def curve(**settings) -> nn.Module:
    return build([1, 1], seed=0, **settings)


def all_terms(**settings) -> Penalty:
    return Penalty(1.0, 1.0, 2.0, 1.0, 1.0, **settings)


@pytest.mark.parametrize("magnitude", MAGNITUDES)
def test_penalty_is_finite_at_zero(magnitude):
    model = build([2, 2, 1], seed=0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    _, penalty = outputs_and_penalty(model, XY, all_terms(magnitude=magnitude))
    assert penalty.isfinite()
    parameters = [p for p in model.parameters() if p.requires_grad and p.numel()]
    for gradient in torch.autograd.grad(penalty, parameters, materialize_grads=True):
        assert gradient.isfinite().all()
    assert math.isfinite(
        fit(model, (XY, Z), penalty=Penalty(0.1, coef=1.0, magnitude=magnitude), steps=1).train_loss
    )


@pytest.mark.parametrize("magnitude", MAGNITUDES)
@pytest.mark.parametrize("term", ["l1", "entropy", "coef", "coefdiff"])
def test_every_penalty_term_has_a_gradient(term, magnitude):
    model = build([2, 2, 1], seed=0, init="paper", dtype=torch.float64)
    weights = dict.fromkeys(("l1", "entropy", "coef", "coefdiff"), 0.0) | {term: 1.0}
    penalty = Penalty(1.0, **weights, magnitude=magnitude)
    x = XY.double()
    value = outputs_and_penalty(model, x, penalty)[1]
    parameters = [layer.basis.coef for layer in model.layers]
    gradients = torch.autograd.grad(value, parameters)
    assert all(gradient.abs().max() > 0 for gradient in gradients)
    coef, at, step = parameters[0], (0, 2, 1), 1e-6
    with torch.no_grad():
        ends = []
        for side in (step, -2 * step):
            coef[at] += side
            ends.append(outputs_and_penalty(model, x, penalty)[1].item())
        coef[at] += step
    assert (ends[0] - ends[1]) / (2 * step) == pytest.approx(gradients[0][at].item(), rel=1e-4, abs=1e-7)


def test_penalty_lowers_what_it_counts():
    free, sparse = build([2, 2, 1], seed=0), build([2, 2, 1], seed=0)
    fit(free, (XY, Z), steps=3)
    result = fit(sparse, (XY, Z), steps=3, lamb=0.1)
    count = all_terms()
    assert outputs_and_penalty(sparse, XY, count)[1] < outputs_and_penalty(free, XY, count)[1]
    assert len(result["penalty"]) == result.steps
