"""Noise of the targets as a share of what each edge varies."""

import pytest
import torch

from edgewise.explain.symbolic.edge_noise import edge_gains, noise_shares
from edgewise.network import build, set_formulas


def test_gains_are_derivatives_of_the_outputs():
    model = build([2, (1, 1), 2], seed=0, dtype=torch.float64)
    x = torch.rand(50, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    gains = edge_gains(model, x)
    for l, layer in enumerate(model.layers):
        assert gains[l].shape == (2, layer.subnodes)
        for j in range(layer.subnodes):
            step = 1e-6
            moved = layer.nodes.subnode_bias.detach().clone()
            values = []
            for sign in (1, -1):
                with torch.no_grad():
                    layer.nodes.subnode_bias[j] = moved[j] + sign * step * layer.nodes.subnode_scale[j]
                    values.append(model(x))
                    layer.nodes.subnode_bias[j] = moved[j]
            slope = ((values[0] - values[1]) / (2 * step)).square().mean(0).sqrt()
            assert gains[l][:, j].tolist() == pytest.approx(slope.tolist(), rel=1e-5, abs=1e-9)


def test_an_edge_is_known_the_better_the_more_it_moves_the_output():
    model = build([2, 1], grid=5, dtype=torch.float64)
    x = torch.rand(200, 2, dtype=torch.float64)
    variances = torch.tensor([1.0, 0.01], dtype=torch.float64)
    noise = torch.tensor([0.1], dtype=torch.float64)
    edges = [(0, 0, 0), (0, 1, 0)]
    strong, weak = noise_shares(model, edges, edge_gains(model, x), variances, noise, 200)
    assert strong == pytest.approx(model.layers[0].basis.size / 200 * 0.01)
    assert weak == pytest.approx(100 * strong)
    assert noise_shares(model, edges, edge_gains(model, x), variances, 0 * noise, 200) == [0.0, 0.0]


def test_a_network_of_formulas_has_gains_too():
    model = set_formulas(
        build([1, 1, 1], dtype=torch.float64),
        {(0, 0, 0): ("x", (1, 0, 2, 0)), (1, 0, 0): ("x", (1, 0, 3, 0))},
    )
    gains = edge_gains(model, torch.rand(9, 1, dtype=torch.float64))
    assert [float(gain) for gain in gains] == pytest.approx([3.0, 1.0])
