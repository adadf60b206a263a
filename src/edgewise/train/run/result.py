"""What a fit gives back: how well the model does, how it got there, and why it stopped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ...events import Stop


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
