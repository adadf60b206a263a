"""The best weights of a run, and its end where they are too long ago."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from torch import nn

from ...events import Stop, StopReason
from ...optim import EarlyStopping, Observer
from ..step.parameters import Snapshot

_RESTORING = (StopReason.INTERRUPTED, StopReason.CANCELLED, StopReason.NON_FINITE, StopReason.PATIENCE)
"""A run that ends so leaves its best weights, whether that was asked for or not."""


class BestWeights(EarlyStopping):
    """Keeps the weights of a model that gave the lowest monitored loss, and puts them back at the end.

    Args:
        model: Whose weights are kept; the present ones to begin with.
        monitored: Measures the loss at the present weights.
        always: Whether they are put back whatever ended the run.

    Example:
        >>> losses = iter([2.0, 1.0, 3.0])
        >>> best = BestWeights(nn.Linear(1, 1), lambda: next(losses))
        >>> best.start(None, 0)
        >>> for done in (1, 2):
        ...     _ = best.after(None, done)
        >>> best.lowest, best.steps_since_best
        (1.0, 1)
    """

    def __init__(self, model: nn.Module, monitored: Callable[[], float], always: bool = True) -> None:
        self._snapshot, self._always = Snapshot(model), always
        super().__init__(monitored, self._snapshot.take)

    def end(self, process: Any, stop: Stop | None) -> None:
        """Put the best weights back, if so asked or something went wrong."""
        if stop is not None and (self._always or stop.reason in _RESTORING):
            self._snapshot.restore()

    def state_dict(self) -> dict[str, Any]:
        """All there is to know, for a checkpoint."""
        return {
            "weights": self._snapshot.state(),
            "lowest": self.lowest,
            "steps_since_best": self.steps_since_best,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state_dict` gave."""
        self._snapshot.resume(state["weights"])
        self.lowest, self.steps_since_best = float(state["lowest"]), int(state["steps_since_best"])


class Patience(Observer):
    """Ends a run whose best weights are too long ago; after all others have seen the step.

    Args:
        best: The best weights.
        patience: Steps that are borne; None for any number.
    """

    def __init__(self, best: BestWeights, patience: int | None) -> None:
        self._best, self._patience = best, patience

    def after(self, process: Any, done: int) -> Stop | None:
        """Lose patience or not."""
        if self._patience is not None and self._best.steps_since_best >= self._patience:
            return Stop(StopReason.PATIENCE, f"after {done} steps")
        return None
