"""The pairs that L-BFGS remembers, and the product of its inverse Hessian with a gradient.

Letters: `s` a step taken, `y` the change of the gradient over it, `g` a gradient, `m` the most pairs
kept, `n` the number of parameters. The compact form needs two products with the pairs' matrix and algebra
on m-by-m matrices, where the well-known two loops need 4m products of vectors, one after another.

Source: Byrd, Nocedal and Schnabel, Representations of quasi-Newton matrices (1994), equation 3.1.
"""

from __future__ import annotations

import copy
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from .arrays import Array, as_array, to_host, to_like


class LBFGSHistory:
    """Up to `history` pairs; the oldest makes room for the next.

    A pair keeps its slot while it is there, and the small matrices are in order of slots: R is triangular in
    order of age, and a matrix and its inverse may change places of rows and columns together. What belongs to
    an empty slot is zero, so that nothing need be left out.

    Attributes:
        vectors: The s of each slot, then the y of each, shape (2m, n).
        inverse: Inverse of R, R_ij = s_i . y_j for i not younger than j, shape (m, m).
        curvature: s_i . y_i, shape (m,).
        overlap: y_i . y_j, shape (m, m).
        added: Pairs let in so far; the last of them is in slot (added - 1) modulo m.
    """

    arrays: ClassVar[tuple[str, ...]] = ("vectors", "inverse", "curvature", "overlap")

    def __init__(self, history: int, like: Tensor) -> None:
        """Make an empty memory for vectors such as `like`, shape (n,)."""
        self.vectors = as_array(like.new_zeros(2 * history, like.numel()))
        self.inverse = np.zeros((history, history))
        self.curvature = np.zeros(history)
        self.overlap = np.zeros((history, history))
        self.added = 0
        self._rounding = torch.finfo(like.dtype).eps

    def __len__(self) -> int:
        """Count the pairs."""
        return min(self.added, len(self.curvature))

    def clear(self) -> None:
        """Forget all pairs."""
        for numbers in (self.vectors, self.inverse, self.curvature, self.overlap):
            numbers[...] = 0
        self.added = 0

    def copy(self) -> LBFGSHistory:
        """Make an independent copy."""
        twin = copy.copy(self)
        for name in self.arrays:
            setattr(twin, name, 1 * getattr(self, name))
        return twin

    def add(self, s: Array, y: Array) -> bool:
        """Let the pair (s, y) in if its curvature is positive.

        Returns:
            Whether it was let in.
        """
        sy, yy = float(s.dot(y)), float(y.dot(y))
        # Beside both lengths, so that it does not depend on the function's unit.
        if not (sy > self._rounding * float(s.dot(s)) ** 0.5 * yy**0.5 and yy > 0):
            return False
        history = len(self.curvature)
        slot = self.added % history
        self.vectors[slot] = s
        self.vectors[history + slot] = y
        products = to_host(self.vectors @ y)
        self.inverse[slot] = 0
        self.inverse[:, slot] = self.inverse.dot(products[:history]) / -sy
        self.inverse[slot, slot] = 1 / sy
        self.curvature[slot] = sy
        self.overlap[slot] = self.overlap[:, slot] = products[history:]
        self.overlap[slot, slot] = yy
        self.added += 1
        return True

    def direction(self, gradient: Array) -> Array:
        """Return -H g."""
        if not self.added:
            return -gradient
        history = len(self.curvature)
        last = (self.added - 1) % history
        gamma = float(self.curvature[last] / self.overlap[last, last])
        products = to_host(self.vectors @ gradient)
        u = self.inverse.dot(products[:history])
        w = self.curvature * u + gamma * (self.overlap.dot(u) - products[history:])
        shares = np.concatenate((w.dot(self.inverse), -gamma * u))
        return -(gamma * gradient + to_like(shares, self.vectors) @ self.vectors)
