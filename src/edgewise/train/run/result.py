"""What a fit gives back: how well the model does, how it got there, and why it stopped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

_ADVICE = {
    "steps": "All steps were done. Pass more steps if the loss was still falling.",
    "converged": "The optimiser found no lower loss. Refine the grid, widen the network, or lower lamb.",
    "patience": "The watched loss stopped falling; the best weights are back. Raise patience to go on.",
    "interrupted": "Ctrl-C stopped it; the best weights so far are back.",
    "non-finite": "The loss became NaN or infinite; the best weights so far are back. Lower lr, or scale the data.",
    "grids": "All grids were trained, and the best is kept. Name finer ones to go on.",
    "validation": "More intervals no longer pay on the samples set aside; the best grid is kept. More samples allow more.",
    "callback": "The callback asked to stop.",
    "evaluated": "steps=0: the losses were measured and nothing was changed.",
}


@dataclass(frozen=True)
class Stop:
    """Why training ended, and what to do about it.

    Args:
        reason: "steps", "converged", "patience", "interrupted", "non-finite", "callback", "evaluated", or of a
            ladder of grids "grids" or "validation".
        detail: What the optimiser had to say, or an empty string.

    Example:
        >>> print(Stop("callback"))
        callback: The callback asked to stop.
    """

    reason: str
    detail: str = ""

    @property
    def advice(self) -> str:
        """What to do next."""
        return _ADVICE[self.reason]

    def __str__(self) -> str:
        detail = f" ({self.detail})" if self.detail else ""
        return f"{self.reason}{detail}: {self.advice}"


@dataclass(frozen=True, repr=False)
class FitResult:
    """Outcome of `fit`.

    Indexing gives histories: `result["train_loss"][-1]`, as users of pykan read them.

    Args:
        train_loss: Loss of the final weights on the training data: RMSE for a mean square, else the loss.
        test_loss: The same on the test data; None without.
        validation_loss: The same on the validation data; None without.
        loss: Raw training loss, never its root.
        loss_name: Its name, also its key in `history`.
        history: One list for each quantity, one entry for each step.
        stop: Why training ended.
        steps: Steps done.
        evaluations: Times the loss and its gradient were computed.
        seconds: Wall-clock time.
        notes: What else is worth knowing, such as a grid update that was taken back.
    """

    train_loss: float
    test_loss: float | None
    validation_loss: float | None
    loss: float
    loss_name: str
    history: dict[str, list[float]]
    stop: Stop
    steps: int
    evaluations: int
    seconds: float
    notes: tuple[str, ...] = field(default=())

    def __getitem__(self, name: str) -> list[float]:
        """Return the history of a quantity."""
        return self.history[name]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of the histories."""
        return iter(self.history)

    def __len__(self) -> int:
        """Count the histories."""
        return len(self.history)

    def __contains__(self, name: object) -> bool:
        """Whether there is a history of this name."""
        return name in self.history

    def keys(self) -> list[str]:
        """Names of the histories."""
        return list(self.history)

    def __repr__(self) -> str:
        losses = [f"train_loss={self.train_loss:.4g}"]
        for name in ("test_loss", "validation_loss"):
            value = getattr(self, name)
            losses += [] if value is None else [f"{name}={value:.4g}"]
        lines = [
            f"FitResult({', '.join(losses)}, {self.loss_name}={self.loss:.4g})",
            f"  {self.steps} steps, {self.evaluations} evaluations, {self.seconds:.2f} s",
            f"  stopped by {self.stop}",
        ]
        return "\n".join(lines + [f"  {note}" for note in self.notes[:3]])
