"""The pairs that L-BFGS remembers, and the product of its inverse Hessian with a gradient.

Letters: `s` a step taken, `y` the change of the gradient over it, `g` a gradient, `m` the most pairs
kept, `n` the number of parameters. The compact form needs two products with the pairs' matrix and algebra
on m-by-m matrices, where the well-known two loops need 4m products of vectors, one after another.

Source: Byrd, Nocedal and Schnabel, Representations of quasi-Newton matrices (1994), equation 3.1.
"""

from __future__ import annotations

import copy

import numpy as np
import torch
from torch import Tensor


class Memory:
    """Up to `history` pairs, the oldest leaving first.

    Row 2k of `vectors` is an s, row 2k + 1 its y; one slot is always spare, so that a pair can be
    weighed before it is let in. The small matrices are in order of age, the oldest first.
    """

    def __init__(self, history: int, like: Tensor) -> None:
        """Make an empty memory for vectors such as `like`, shape (n,)."""
        self.vectors = like.new_zeros(2 * history + 2, like.numel())
        self.spare = 0
        self.slots: list[int] = []
        self.gamma = 1.0
        self.inverse = np.zeros((history, history))  # of R, R_ij = s_i . y_j for i <= j
        self.curvature = np.zeros(history)  # s_i . y_i
        self.overlap = np.zeros((history, history))  # y_i . y_j
        self.products = np.zeros(2 * history + 2)  # of every row with the last gradient

    def __len__(self) -> int:
        """Count the pairs."""
        return len(self.slots)

    def clear(self) -> None:
        """Forget all pairs."""
        self.spare, self.slots, self.gamma = 0, [], 1.0
        for numbers in (self.inverse, self.curvature, self.overlap, self.products):
            numbers[...] = 0

    def copy(self) -> Memory:
        """Make an independent copy."""
        return copy.deepcopy(self)

    def add(self, s: Tensor, y: Tensor, gradient: Tensor) -> bool:
        """Weigh the pair (s, y), let it in if its curvature is positive, and note the new gradient.

        Returns:
            Whether the pair was let in.
        """
        slot = self.spare
        torch.stack((s, y), out=self.vectors[2 * slot : 2 * slot + 2])
        used = (
            self.vectors[: 2 * max(slot, *self.slots, 0) + 2] if self.slots else self.vectors[: 2 * slot + 2]
        )
        products = (used @ torch.stack((y, gradient), dim=1)).to("cpu", torch.float64).numpy()
        self.products[: products.shape[0]] = products[:, 1]
        sy, yy = products[2 * slot : 2 * slot + 2, 0]
        if not (sy > torch.finfo(y.dtype).eps * yy and yy > 0):
            return False
        self._append(slot, products[:, 0])
        self.gamma = float(sy / yy)
        return True

    def _append(self, slot: int, products: np.ndarray) -> None:
        history = len(self.curvature)
        if len(self.slots) == history:
            self.spare = self.slots.pop(0)
            for matrix in (self.inverse, self.overlap):
                matrix[:-1, :-1] = matrix[1:, 1:]
            self.curvature[:-1] = self.curvature[1:]
        else:
            self.spare = len(self.slots) + 1
        self.slots.append(slot)
        last = len(self.slots) - 1
        s_rows = 2 * np.array(self.slots)
        column, sy = products[s_rows[:-1]], products[2 * slot]
        self.inverse[last, :last] = 0
        self.inverse[:last, last] = -(self.inverse[:last, :last] @ column) / sy
        self.inverse[last, last] = 1 / sy
        self.curvature[last] = sy
        self.overlap[last, : last + 1] = self.overlap[: last + 1, last] = products[s_rows + 1]

    def direction(self, gradient: Tensor) -> Tensor:
        """Return -H g for the gradient that was noted last."""
        if not self.slots:
            return -gradient
        count = len(self.slots)
        s_rows = 2 * np.array(self.slots)
        inverse = self.inverse[:count, :count]
        u = inverse @ self.products[s_rows]
        w = self.curvature[:count] * u + self.gamma * (
            self.overlap[:count, :count] @ u - self.products[s_rows + 1]
        )
        weights = np.zeros(2 * int(max(self.slots)) + 2)
        weights[s_rows] = -(w @ inverse)
        weights[s_rows + 1] = self.gamma * u
        rows = self.vectors[: len(weights)]
        shares = torch.from_numpy(weights).to(rows.device, rows.dtype)
        return torch.addmv(gradient, rows.T, shares, beta=-self.gamma)
