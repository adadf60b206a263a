"""Checks of verbs: functions from a network to a new one that leave their input unchanged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from .compare import check_same_function, state_bits, tensor_bits
from .require import require
from .side_effects import check_quiet


def check_verb(verb: Callable[[Any, Tensor], Any], model: nn.Module, x: Tensor) -> None:
    """A verb is pure: same input, same bits out, and nothing else happens.

    Args:
        verb: Called as `verb(model, x)`; gives a network, or a result whose `model` is one.
        model: A network; what it holds must be the same, bit by bit, afterwards.
        x: Samples.

    Raises:
        AssertionError: the model or the samples changed, the result shares memory with the model, two calls
            give different bits, or the verb printed, wrote a file or touched global random state.

    Example:
        >>> from edgewise.network import build, swap
        >>> check_verb(lambda model, x: swap(model, 1, 0, 2), build([2, 3, 1]), torch.rand(9, 2))
    """
    before, seen = state_bits(model), tensor_bits(x)
    outputs = _outputs(model, x)
    first = _network_of(check_quiet(lambda: verb(model, x)))
    second = _network_of(check_quiet(lambda: verb(model, x)))
    _require_unchanged(model, before, "the verb")
    require(tensor_bits(x) == seen, "the samples must stay as they were; they changed")
    require(state_bits(first) == state_bits(second), "two calls must give the same bits; they do not")
    check_same_function(first, second, x)
    _require_no_shared_memory(model, first)
    _overwrite(first)
    _require_unchanged(model, before, "training the result")
    require(_outputs(model, x) == outputs, "the model's outputs must stay as they were; they changed")


def _network_of(result: Any) -> nn.Module:
    network = getattr(result, "model", result)
    require(isinstance(network, nn.Module), f"a verb must give a network; got {type(result).__name__}")
    return network


def _outputs(model: nn.Module, x: Tensor) -> bytes:
    with torch.no_grad():
        return tensor_bits(model(x))


def _require_unchanged(model: nn.Module, before: dict[str, bytes], what: str) -> None:
    now = state_bits(model)
    changed = sorted(name for name in before.keys() | now.keys() if now.get(name) != before.get(name))
    require(not changed, f"the model must stay as it was; {what} changed {', '.join(changed)}")


def _require_no_shared_memory(model: nn.Module, result: nn.Module) -> None:
    theirs = {place: name for name, place in _places(model).items()}
    shared = [name for name, place in _places(result).items() if place in theirs]
    require(not shared, f"the result must be independent; it shares memory in {', '.join(shared)}")


def _places(module: nn.Module) -> dict[str, int]:
    tensors = [*module.named_parameters(), *module.named_buffers()]
    return {name: value.untyped_storage().data_ptr() for name, value in tensors if value.numel()}


def _overwrite(module: nn.Module) -> None:
    with torch.no_grad():
        for value in [*module.parameters(), *module.buffers()]:
            value.add_(1)
