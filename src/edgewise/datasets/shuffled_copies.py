"""`shuffled_copies`: a table beside a copy in which the columns know nothing of each other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

from .create_dataset import as_real, made_generator


def shuffled_copies(
    x: Any, *, together: Iterable[Iterable[int]] = (), seed: int = 0
) -> tuple[Tensor, Tensor]:
    """Samples, and copies of them in which every column was shuffled by itself: 1 for the former, 0 for the latter.

    A network that tells the two apart has found what the columns say about each other; nobody has to name a target.

    Args:
        x: Samples (n, columns), array or tensor; copied.
        together: Sets of columns that are shuffled as one; what holds within a set holds in the copies too.
        seed: The same seed gives the same copies.

    Returns:
        Inputs (2 n, columns) and labels (2 n, 1), of the samples' floating type.

    Raises:
        InputError: the samples are not real numbers.

    Source: Liu et al. 2024, "KAN: Kolmogorov-Arnold Networks", section 4.2.

    Example:
        >>> x = torch.arange(6.0).reshape(3, 2)
        >>> both, labels = shuffled_copies(x)
        >>> both.shape, labels[:, 0].tolist(), sorted(both[3:, 0].tolist())
        (torch.Size([6, 2]), [1.0, 1.0, 1.0, 0.0, 0.0, 0.0], [0.0, 2.0, 4.0])
    """
    real = as_real("shuffled_copies", "x", x, None, None)
    random = made_generator("shuffled_copies", seed)
    copies = real.clone()
    sets = [list(columns) for columns in together]
    alone = [[column] for column in range(real.shape[1]) if not any(column in columns for columns in sets)]
    for columns in [*sets, *alone]:
        order = torch.randperm(len(real), generator=random).to(real.device)
        copies[:, columns] = real[order][:, columns]
    labels = torch.cat([real.new_ones(len(real), 1), real.new_zeros(len(real), 1)])
    return torch.cat([real, copies]), labels
