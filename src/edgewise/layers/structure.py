"""Tensors that say what a module is, not what it has learnt: they outlive `to_empty`, through `reset_parameters`.

Which edges are on, which columns are read, how data are scaled: after a module was on the meta device, or
`to_empty` gave it fresh memory, nothing of this is left in its tensors. It is kept aside, and written back by
`reset_parameters`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar, TypeVar

import torch
from torch import Tensor, nn

from ..edges import are_plain

Self = TypeVar("Self", bound="StructuredModule")


class StructuredModule(nn.Module):
    """A module whose `structure` survives the loss of its memory.

    Attributes:
        structure: The tensors that are kept, by name, each with what makes it for a module that never had memory,
            from an empty tensor of its shape.

    Example:
        >>> from edgewise import Scaler
        >>> scaler = Scaler(torch.tensor([1.0]), torch.tensor([2.0])).to("meta").to_empty(device="cpu")
        >>> scaler.reset_parameters()
        >>> scaler.shift, scaler.scale
        (tensor([1.]), tensor([2.]))
    """

    structure: ClassVar[Mapping[str, Callable[[Tensor], Tensor]]] = MappingProxyType({})

    def reset_parameters(self) -> None:
        """Leave all as it is, but for a module whose memory was emptied, which gets its structure back."""
        self.restore_structure()

    def _apply(self: Self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        before = {name: getattr(self, name) for name in self.structure}
        # Parameters may be changed in their place: a view of the old memory is what they were.
        before = {name: value.detach() for name, value in before.items()}
        super()._apply(fn, recurse)
        lost = self.__dict__.setdefault("_lost", {})
        for name, old in before.items():
            new = getattr(self, name).detach()
            if not old.is_meta and new.is_meta:
                lost[name] = old.cpu()
            elif old.is_meta and not new.is_meta:
                lost.setdefault(name, None)
            elif name not in lost and are_plain(old, new) and not _are_alike(old, new):
                lost[name] = old.cpu()
        return self

    @torch.no_grad()
    def restore_structure(self) -> None:
        """Write back what memory no longer holds; what was never known becomes what a new module has."""
        lost = self.__dict__.get("_lost", {})
        for name in [name for name in lost if not getattr(self, name).is_meta]:
            kept = lost.pop(name)
            target = getattr(self, name)
            fill_(target, self.structure[name](target.detach()) if kept is None else kept)

    def _load_from_state_dict(self, state_dict: Any, prefix: str, *args: Any, **options: Any) -> None:
        super()._load_from_state_dict(state_dict, prefix, *args, **options)
        for name in self.structure:
            if prefix + name in state_dict:
                self.__dict__.get("_lost", {}).pop(name, None)


def _are_alike(old: Tensor, new: Tensor) -> bool:
    """Whether a move or a cast has kept the numbers, to the rounding of the narrower type."""
    if old.data_ptr() == new.data_ptr() and old.dtype == new.dtype:
        return True
    narrow = min(old.dtype, new.dtype, key=lambda dtype: dtype.itemsize)
    return torch.equal(old.cpu().to(narrow), new.cpu().to(narrow))


@torch.no_grad()
def fill_(target: Tensor, value: Tensor) -> None:
    """Write numbers into a tensor of any device and type, one spread over devices included; meta ones stay empty.

    Example:
        >>> target = torch.empty(2, dtype=torch.float64)
        >>> fill_(target, torch.ones(2))
        >>> target.tolist()
        [1.0, 1.0]
    """
    if target.is_meta:
        return
    if hasattr(target, "device_mesh") and hasattr(target, "placements"):
        spread = sys.modules["torch.distributed.tensor"].distribute_tensor
        value = spread(value.to(target.device, target.dtype), target.device_mesh, target.placements)
    target.copy_(value)
