"""Which weights were best, and how long ago."""

from __future__ import annotations

from typing import Any

from torch import nn

from ..step.parameters import Snapshot


class EarlyStopping:
    """Keeps the weights that gave the lowest watched loss.

    Args:
        model: Whose weights are kept; the present ones to begin with.

    Example:
        >>> watch = EarlyStopping(nn.Linear(1, 1))
        >>> for loss in (2.0, 1.0, 3.0):
        ...     watch.offer(loss)
        >>> watch.lowest, watch.since
        (1.0, 1)
    """

    def __init__(self, model: nn.Module) -> None:
        self._snapshot = Snapshot(model)
        self.lowest = float("inf")
        self.since = 0

    def offer(self, loss: float) -> None:
        """Keep the present weights if `loss` is the lowest so far; NaN never is."""
        if loss < self.lowest:
            self._snapshot.take()
            self.lowest, self.since = loss, 0
        else:
            self.since += 1

    def restore(self) -> None:
        """Put the best weights back."""
        self._snapshot.restore()

    def state(self) -> dict[str, Any]:
        """All there is to know, for a checkpoint."""
        return {"best": self._snapshot.state(), "lowest": self.lowest, "since": self.since}

    def resume(self, state: dict[str, Any]) -> None:
        """Go on from what `state` gave."""
        self._snapshot.resume(state["best"])
        self.lowest, self.since = float(state["lowest"]), int(state["since"])
