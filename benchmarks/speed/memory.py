"""Bytes a training step needs: what is kept for the backward pass, and the most that is held at once."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.profiler import ProfilerActivity, profile

from .contestant import Contestant


@dataclass(frozen=True)
class Memory:
    """Bytes of one training step.

    Args:
        saved: Kept from the forward for the backward pass, inputs included, parameters and buffers not.
        peak: Most that was held at once, parameters, gradients and inputs included.
        trained: Trained parameters and their gradients.
    """

    saved: int
    peak: int
    trained: int


def measure(contestant: Contestant, x: Tensor) -> Memory:
    """Bytes of a step of a torch contestant; `x` are the inputs it was made with."""
    model = contestant.model
    if model is None:
        raise TypeError("measure: contestant must hold a torch module; got none. Leave it out.")
    inputs = x.untyped_storage().nbytes()
    own = [*model.parameters(), *model.buffers()]
    trained = 2 * sum(p.numel() * p.element_size() for p in model.parameters() if p.requires_grad)
    saved = _saved(contestant, model)
    held = sum(t.numel() * t.element_size() for t in own) + inputs
    return Memory(saved, held + _most_allocated(contestant, model), trained)


def bound(ours: Memory, shape_mlp: Memory) -> int:
    """What ours is to stay under: twice the activations of the MLP of its shape, parameters and gradients."""
    return 2 * shape_mlp.saved + ours.trained


def as_row(ours: Memory, shape_mlp: Memory) -> dict[str, object]:
    """Both, and the bound, as values of a JSON file."""
    return {"ours": asdict(ours), "mlp_shape": asdict(shape_mlp), "bound": bound(ours, shape_mlp)}


def _saved(contestant: Contestant, model: nn.Module) -> int:
    """Bytes of the storages that autograd keeps, each counted once."""
    own = {t.untyped_storage().data_ptr() for t in (*model.parameters(), *model.buffers())}
    found: dict[int, int] = {}
    kept: list[Tensor] = []  # while it lives, no other storage takes its address

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            found[storage.data_ptr()] = storage.nbytes()
            kept.append(tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        contestant.step()
    return sum(found.values())


def _most_allocated(contestant: Contestant, model: nn.Module) -> int:
    """Most bytes that torch's allocator held at once during a step, above those it held before."""
    for parameter in model.parameters():
        parameter.grad = None
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        contestant.step()
    recorded = profiler.profiler.kineto_results.events()
    events = sorted((event for event in recorded if event.name() == "[memory]"), key=lambda e: e.start_ns())
    held = most = 0
    for event in events:
        held += event.nbytes()
        most = max(most, held)
    return most
