from __future__ import annotations

import pytest
import torch

from edgewise.estimators.growth import additive_stage, grown


@pytest.mark.parametrize("hidden", [[3], [4, 2]])
@pytest.mark.parametrize("k", [1, 3])
def test_a_deeper_network_begins_as_the_additive_one(hidden, k):
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(60, 3, generator=generator, dtype=torch.float64)
    stage = additive_stage(x, torch.ones(60, dtype=torch.float64), 2, grid=4, k=k)
    with torch.no_grad():
        stage.spline.coef.normal_(generator=generator)
    model = grown(stage, x, hidden, grid=3, seed=0)
    far = 5 * x
    torch.testing.assert_close(model(far), stage(far))
    assert model.width[1] == 2 + hidden[0]
