"""Jacobians of modules: the network's own rule and torch's transforms agree with autograd."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from edgewise.errors import InputError
from edgewise.network import build, set_formula
from edgewise.train.objective.jacobian import module_jacobian


def by_autograd(model: nn.Module, x: Tensor, parameters: list[nn.Parameter]) -> Tensor:
    rows = []
    for value in model(x).flatten():
        gradients = torch.autograd.grad(value, parameters, materialize_grads=True, retain_graph=True)
        rows.append(torch.cat([gradient.flatten() for gradient in gradients]))
    return torch.stack(rows)


def samples() -> Tensor:
    return torch.linspace(-1.2, 1.2, 18, dtype=torch.float64).reshape(9, 2)


@pytest.mark.parametrize("kind", ["network", "formula", "mlp"])
def test_any_module_has_one(kind: str) -> None:
    torch.manual_seed(0)
    model: nn.Module = build([2, 2, 1], dtype=torch.float64)
    if kind == "formula":
        model = set_formula(model, (0, 1, 0), "sin")  # type: ignore[arg-type]
    elif kind == "mlp":
        model = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 2)).double()
    parameters = [p for p in model.parameters() if p.requires_grad]
    outputs, jacobian = module_jacobian(model, samples(), parameters)
    torch.testing.assert_close(outputs, model(samples()).detach())
    torch.testing.assert_close(jacobian.dense(), by_autograd(model, samples(), parameters))


def test_parameters_of_another_model_are_refused() -> None:
    with pytest.raises(InputError, match="own"):
        module_jacobian(nn.Linear(1, 1), torch.zeros(2, 1), list(nn.Linear(1, 1).parameters()))
