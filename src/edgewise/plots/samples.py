"""The samples a picture is drawn from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from ..errors import InputError, ShapeError
from ..network import Network
from ..train import to_tensor

_COUNT = 512


def as_samples(model: Network, x: Any, where: str) -> Tensor:
    """Read samples in any form users hold them, or draw some from the grid of the first layer.

    Args:
        model: Says how many columns there must be, the dtype and the device.
        x: Tensor, array, frame, pair (x, y), dict with "train_input", or an object with such an `x`; None
            for evenly spread samples over the first layer's grid, the same ones each time.
        where: Name of the function the user called, for messages.

    Returns:
        Samples, shape (batch, n_columns).

    Raises:
        InputError: no sample, or values that are not finite numbers.
        ShapeError: another number of columns than the model takes.

    Example:
        >>> from edgewise.network import build
        >>> as_samples(build([2, 1]), None, "plot").shape
        torch.Size([512, 2])
    """
    if x is None:
        return _from_grid(model)
    if isinstance(x, Mapping):
        if "train_input" not in x:
            raise InputError(f"{where}: x must have the key 'train_input'; got {list(x)}. Add it.")
        x = x["train_input"]
    elif isinstance(x, tuple):
        x = x[0] if len(x) else []
    elif not isinstance(x, Tensor) and isinstance(getattr(x, "x", None), Tensor):
        x = x.x
    samples = to_tensor(x, where, "x").to(model.device, model.dtype)
    if samples.ndim == 1 and model.n_columns == 1:
        samples = samples[:, None]
    if samples.ndim < 2 or samples.shape[-1] != model.n_columns:
        raise ShapeError(
            f"{where}: x must have {model.n_columns} columns, as the model has that many inputs; "
            f"got shape {tuple(samples.shape)}. Pass the inputs the model was built for."
        )
    if samples.numel() == 0:
        raise InputError(f"{where}: x must hold at least one sample; got none. Leave x out to use the grid.")
    return samples.reshape(-1, model.n_columns)


def _from_grid(model: Network) -> Tensor:
    low, high = model.layers[0].basis.interval()
    generator = torch.Generator().manual_seed(0)
    share = torch.rand(_COUNT, len(low), generator=generator, dtype=torch.float64).to(low)
    inside = low + (high - low) * share
    if model.input_scaler is not None:
        inside = model.input_scaler.inverse(inside)
    samples = inside.new_zeros(_COUNT, model.n_columns)
    samples[:, model.columns] = inside
    return samples.to(model.dtype)
