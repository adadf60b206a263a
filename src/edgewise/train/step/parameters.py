"""The trainable parameters as one flat vector, and a copy of the whole state to go back to."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from ...errors import InputError


def trainable(model: nn.Module, where: str = "fit") -> list[nn.Parameter]:
    """List the parameters that require gradients and hold at least one number.

    Raises:
        InputError: there is none.
    """
    parameters = [p for p in model.parameters() if p.requires_grad and p.numel()]
    if not parameters:
        raise InputError(
            f"{where}: model must have a parameter with requires_grad; got none in {type(model).__name__}. "
            f"Unfreeze some, or use steps=0 to measure the loss."
        )
    return parameters


class FlatParameters:
    """Read, write and differentiate a list of parameters as one vector.

    Attributes:
        parameters: The list.
        starts: Where each begins in the vector.
        buffer: A vector that is not the parameters' own memory, shape (n,).
        pieces: Each parameter's part of it, in its shape.

    Example:
        >>> flat = FlatParameters([nn.Parameter(torch.ones(2)), nn.Parameter(torch.zeros(1, 1))])
        >>> flat.read()
        tensor([1., 1., 0.])
    """

    def __init__(self, parameters: list[nn.Parameter]) -> None:
        """Take the parameters; they must share device and dtype, or are promoted in the flat vector."""
        self.parameters = parameters
        self.buffer = self.read()
        sizes = [p.numel() for p in parameters]
        self.starts = [sum(sizes[:place]) for place in range(len(sizes))]
        pieces = self.buffer.split(sizes)
        self.pieces = [piece.view_as(p) for piece, p in zip(pieces, parameters, strict=True)]

    def stand_in(self) -> dict[int, Tensor]:
        """Each parameter's part of the buffer, by the parameter's `id`."""
        return dict(zip(map(id, self.parameters), self.pieces, strict=True))

    def offsets(self, tensors: Iterable[Tensor]) -> list[int]:
        """Where each of some tensors begins in the vector; -1 for one that is not in the list."""
        starts = dict(zip(map(id, self.parameters), self.starts, strict=True))
        return [starts.get(id(part), -1) for part in tensors]

    def read(self) -> Tensor:
        """Copy the parameters into a new vector, shape (n,)."""
        return torch.cat([p.detach().reshape(-1) for p in self.parameters])

    @torch.no_grad()
    def write(self, flat: Tensor) -> None:
        """Copy a vector into the parameters."""
        self.buffer.copy_(flat)
        torch._foreach_copy_(list[Tensor](self.parameters), self.pieces)

    def gradient(self, value: Tensor) -> Tensor:
        """Gradient of a scalar as a new vector; parameters it does not depend on count as zero."""
        gradients = torch.autograd.grad(value, self.parameters, materialize_grads=True)
        return torch.cat([gradient.reshape(-1) for gradient in gradients])


class Snapshot:
    """A copy of all parameters and buffers of a model, to be taken anew or put back.

    Example:
        >>> model = nn.Linear(1, 1)
        >>> kept = Snapshot(model)
        >>> before = model.weight.item()
        >>> _ = nn.init.zeros_(model.weight)
        >>> kept.restore()
        >>> model.weight.item() == before
        True
    """

    def __init__(self, model: nn.Module) -> None:
        """Copy the state as it is now."""
        self._tensors = whole_state(model)
        self._copies = [tensor.clone() for tensor in self._tensors]

    @torch.no_grad()
    def take(self) -> None:
        """Overwrite the copy by the present state."""
        torch._foreach_copy_(self._copies, self._tensors)

    @torch.no_grad()
    def restore(self) -> None:
        """Put the copy back."""
        torch._foreach_copy_(self._tensors, self._copies)

    def state(self) -> list[Tensor]:
        """The copy, for a checkpoint."""
        return self._copies

    def resume(self, copies: list[Tensor]) -> None:
        """Take over the copy that a checkpoint kept."""
        copy_into(self._copies, copies)


def whole_state(model: nn.Module) -> list[Tensor]:
    """All parameters and buffers of a model, in their own memory.

    Example:
        >>> [tuple(part.shape) for part in whole_state(nn.Linear(2, 1))]
        [(1, 2), (1,)]
    """
    return [tensor.detach() for tensor in (*model.parameters(), *model.buffers())]


@torch.no_grad()
def copy_into(targets: list[Tensor], sources: list[Tensor]) -> None:
    """Copy tensors into others that are exactly like them.

    Raises:
        ValueError: a number, shape or data type is another.

    Example:
        >>> x = torch.zeros(2)
        >>> copy_into([x], [torch.ones(2)])
        >>> x
        tensor([1., 1.])
    """
    for target, source in zip(targets, sources, strict=True):
        if target.shape != source.shape or target.dtype != source.dtype:
            raise ValueError(f"{tuple(source.shape)} of {source.dtype} is not like {tuple(target.shape)}")
        target.copy_(source)
