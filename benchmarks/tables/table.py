"""A table with its target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Table:
    """Columns and what is to be predicted from them.

    `truth` is the target without noise, where a table was made and its noise has such tails that a loss on noisy
    rows would measure the noise alone: predictions are then judged by it.
    """

    x: Any
    y: np.ndarray
    truth: np.ndarray | None = None

    @property
    def judged_by(self) -> np.ndarray:
        return self.y if self.truth is None else self.truth

    def take(self, rows: np.ndarray) -> tuple[Any, np.ndarray]:
        return (self.x.iloc[rows] if hasattr(self.x, "iloc") else self.x[rows]), self.y[rows]
