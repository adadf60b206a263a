"""A training step compiles as one graph, and an exported layer needs nothing of ours."""

import pytest
import torch

from edgewise import KANLayer


def step(model, x, y):
    loss = (model(x) - y).square().mean()
    return loss, torch.autograd.grad(loss, [p for p in model.parameters() if p.requires_grad])


@pytest.mark.filterwarnings("ignore")  # torch's own, while it compiles
def test_a_training_step_compiles_as_one_graph():
    model = torch.nn.Sequential(KANLayer(3, 4, seed=0), KANLayer(4, 1, seed=1))
    generator = torch.Generator().manual_seed(0)
    x, y = torch.rand(16, 3, generator=generator), torch.rand(16, 1, generator=generator)
    compiled = torch.compile(model, fullgraph=True, backend="aot_eager")
    wanted, slopes = step(model, x, y)
    found, got = step(compiled, x, y)
    torch.testing.assert_close(found, wanted)
    for one, two in zip(got, slopes, strict=True):
        torch.testing.assert_close(one, two)


def test_an_exported_layer_is_plain_torch():
    program = torch.export.export(KANLayer(3, 2), (torch.zeros(4, 3),))
    assert "edgewise" not in str(program.graph)
