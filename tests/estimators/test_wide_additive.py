from __future__ import annotations

import pytest
import torch

from edgewise.estimators.additive import Additive, Roughness
from edgewise.estimators.growth import additive_layer
from edgewise.estimators.samples import Samples
from edgewise.estimators.task import classes_task, values_task
from edgewise.estimators.wide_additive import WideAdditive


@pytest.mark.parametrize("kind", ["values", 2, 3])
def test_it_finds_what_the_narrow_form_finds(kind):
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(40, 12, generator=generator, dtype=torch.float64)
    weights = torch.rand(40, generator=generator, dtype=torch.float64) + 0.5
    if kind == "values":
        y = x[:, :2].sin()
        task = values_task(y, weights)
    else:
        y = (x[:, 0] > 0).long() + (x[:, 1] > 0).long() * (kind == 3)
        task = classes_task(y, weights, kind)
    layer = additive_layer(x, weights, task.outputs, grid=4, k=3).basis
    samples = Samples(x, task.targets(y), weights)
    narrow, wide = Additive(layer, samples, task), WideAdditive(layer, samples, task)
    for roughness in (Roughness(0.03, 0.1), Roughness(1.0, 0.1), Roughness(0.3, 0.01)):
        torch.testing.assert_close(wide.fit(roughness), narrow.fit(roughness), rtol=0, atol=1e-4)
