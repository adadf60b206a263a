from __future__ import annotations

import pytest
import torch

from edgewise.estimators.additive import Additive, Roughness
from edgewise.estimators.growth import additive_layer
from edgewise.estimators.samples import Samples
from edgewise.estimators.task import classes_task, values_task


def problem(kind):
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(80, 3, generator=generator, dtype=torch.float64)
    weights = torch.rand(80, generator=generator, dtype=torch.float64) + 0.5
    if kind == "values":
        y = x[:, :2].sin()
        task = values_task(y, weights)
    else:
        y = (x[:, 0] > 0).long() + (x[:, 1] > 0).long() * (kind == 3)
        task = classes_task(y, weights, kind)
    layer = additive_layer(x, weights, task.outputs, grid=4, k=3)
    samples = Samples(x, task.targets(y), weights)
    return layer, samples, task, Additive(layer.basis, samples, task)


@pytest.mark.parametrize("kind", ["values", 2, 3])
def test_the_objective_is_at_its_least(kind):
    _, samples, task, additive = problem(kind)
    roughness = Roughness(0.03, 0.1)
    coef = additive.fit(roughness).requires_grad_()
    features = additive.features(samples.x)
    outputs = features @ coef.flatten(0, 1)
    share = samples.weights / samples.weights.sum()
    objective = share @ task.each(outputs, samples.y)
    penalty = sum(
        torch.einsum("m,mn,n->", coef[i, :, j], roughness.matrix(coef.shape[1]), coef[i, :, j])
        for i in range(3)
        for j in range(task.outputs)
    )
    scale = 1 / task.outputs if kind == "values" else 1.0  # a mean over outputs, where each is fitted alone
    (gradient,) = torch.autograd.grad(objective + scale * roughness.strength * penalty, coef)
    assert float(gradient.abs().max()) < (1e-8 if kind == "values" else 3e-3)


def test_the_two_forms_of_the_penalty_agree():
    coef = torch.randn(2, 6, 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    roughness = Roughness(1.0, 0.3)
    form = sum(coef[i, :, 0] @ roughness.matrix(6) @ coef[i, :, 0] for i in range(2))
    assert float(roughness.of(coef)) == pytest.approx(float(form))


def test_much_roughness_leaves_the_mean():
    _, samples, _, additive = problem("values")
    coef = additive.fit(Roughness(1e8, 1.0))
    outputs = additive.features(samples.x) @ coef.flatten(0, 1)
    assert float(outputs.abs().max()) < 1e-4
