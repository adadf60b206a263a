"""What is timed: two calls without arguments, made by whoever takes part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .sizes import Size


@dataclass(frozen=True)
class Contestant:
    """One network of one library, with its data.

    Args:
        name: How it is called in the tables.
        parameters: Number of trained parameters.
        forward: The outputs, nothing recorded for a backward pass.
        step: The mean square error and its gradient by every parameter.
        model: The network, if it is a torch module.
    """

    name: str
    parameters: int
    forward: Callable[[], object]
    step: Callable[[], object]
    model: nn.Module | None = None


def samples(size: Size) -> tuple[Tensor, Tensor]:
    """Inputs uniform on (-1, 1) and normal targets, the same for all."""
    generator = torch.Generator().manual_seed(0)
    dtype = getattr(torch, size.dtype)
    x = 2 * torch.rand(size.batch, size.width[0], generator=generator, dtype=dtype) - 1
    return x, torch.randn(size.batch, size.width[-1], generator=generator, dtype=dtype)


def of_torch(name: str, model: nn.Module, size: Size, call: nn.Module | None = None) -> Contestant:
    """A torch module as a contestant; `call` is what is called instead, such as its compiled form."""
    x, y = samples(size)
    called = model if call is None else call
    trained = [p for p in model.parameters() if p.requires_grad]

    def forward() -> Tensor:
        with torch.no_grad():
            return called(x)

    def step() -> None:
        for parameter in trained:
            parameter.grad = None
        nn.functional.mse_loss(called(x), y).backward()

    return Contestant(name, trained_parameters(model), forward, step, model)


def trained_parameters(model: nn.Module) -> int:
    """Number of parameters that ask for a gradient."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)
