"""Affine scaling of inputs or outputs, stored with the model so that formulas are in the user's units."""

from __future__ import annotations

from types import MappingProxyType

import torch
from torch import Tensor

from ..errors import InputError, ShapeError
from ..layers import StructuredModule


class Scaler(StructuredModule):
    """Standardise by a shift and a scale per column: (x - shift) / scale.

    Args:
        shift: Subtracted from the data, shape (columns,), in the units of the data.
        scale: Divides the data, shape (columns,), positive.

    Raises:
        InputError: a scale is not positive and finite, or a shift not finite.

    Example:
        >>> scaler = Scaler.of(torch.tensor([[1.0], [3.0]]))
        >>> scaler(torch.tensor([[1.0], [3.0]]))
        tensor([[-1.],
                [ 1.]])
    """

    structure = MappingProxyType({"shift": torch.zeros_like, "scale": torch.ones_like})
    shift: Tensor
    scale: Tensor

    def __init__(self, shift: Tensor, scale: Tensor) -> None:
        super().__init__()
        shift, scale = torch.as_tensor(shift).detach().clone(), torch.as_tensor(scale).detach().clone()
        if shift.shape != scale.shape or shift.ndim != 1:
            raise ShapeError(
                f"Scaler: shift and scale must be vectors of one length; got {tuple(shift.shape)} and "
                f"{tuple(scale.shape)}. Give one value to a column."
            )
        if not shift.is_meta and not bool(
            torch.isfinite(shift).all() and torch.isfinite(scale).all() and (scale > 0).all()
        ):
            raise InputError(
                "Scaler: shift must be finite and scale positive; got other values. Check the data."
            )
        self.register_buffer("shift", shift)
        self.register_buffer("scale", scale)

    @classmethod
    def of(cls, data: Tensor) -> Scaler:
        """The scaler that gives each column of `data` (batch, columns) mean 0 and standard deviation 1.

        A column of one value is only shifted.
        """
        kind = data.dtype if data.is_floating_point() else torch.get_default_dtype()
        low, high = data.amin(0), data.amax(0)
        # In parts of the largest: neither squares nor the mean of large numbers lose digits.
        size = torch.maximum(low.abs(), high.abs()).double().clamp_min(torch.finfo(kind).tiny)
        parts = data.double() / size
        deviation = torch.where(high > low, size * parts.std(0, correction=0), 1.0)
        return cls((size * parts.mean(0)).to(kind), deviation.to(kind))

    def forward(self, x: Tensor) -> Tensor:
        """From the data's units to the network's."""
        return (x - self.shift) / self.scale

    def inverse(self, x: Tensor) -> Tensor:
        """From the network's units to the data's."""
        return torch.addcmul(self.shift, x, self.scale)

    def select(self, columns: list[int]) -> Scaler:
        """A new scaler of these columns only."""
        return Scaler(self.shift[columns], self.scale[columns])
