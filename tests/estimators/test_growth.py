from __future__ import annotations

import pytest
import torch

from edgewise.estimators.growth import add_hidden, additive_layer, linearise_binary


@pytest.mark.parametrize("hidden", [[3], [4, 2]])
@pytest.mark.parametrize("k", [1, 3])
def test_a_deeper_network_begins_as_the_additive_one(hidden, k):
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(60, 3, generator=generator, dtype=torch.float64)
    layer = additive_layer(x, torch.ones(60, dtype=torch.float64), 2, grid=4, k=k)
    with torch.no_grad():
        layer.basis.coef.normal_(generator=generator)
    model = add_hidden(layer, x, hidden, grid=3, seed=0)
    far = 5 * x
    torch.testing.assert_close(model(far), layer(far))
    assert model.width[1] == 2 + hidden[0]


def test_a_column_of_two_values_gets_a_line_and_no_prediction_changes():
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(60, 2, generator=generator, dtype=torch.float64)
    x[:, 0] = torch.where(x[:, 0] > 0, 1.5, -0.5)
    layer = additive_layer(x, torch.ones(60, dtype=torch.float64), 1, grid=5, k=3)
    with torch.no_grad():
        layer.basis.coef.normal_(generator=generator)
    model = add_hidden(layer, x, [2], grid=3, seed=0)
    new = linearise_binary(model, x)
    torch.testing.assert_close(new(x), model(x))
    between = torch.stack(
        [torch.linspace(-0.5, 1.5, 11, dtype=torch.float64), torch.zeros(11, dtype=torch.float64)], 1
    )
    bends = new.layers[0].basis.edges(between)[:, 0].diff(n=2, dim=0)
    assert float(bends.detach().abs().max()) < 1e-12
