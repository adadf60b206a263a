"""Checkpoints of a run: all that the next steps depend on, so that a killed run goes on to the same bits.

A file holds safetensors and JSON, is put in place in one move, and is read without executing anything.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from torch import Tensor

from ..._atomic import target_of
from ...errors import EdgewiseError, FileError, InputError
from ...events import Stop
from ...network import read_container, write_container
from ..step.batches import StreamedBatches
from .fingerprint import check_fingerprint
from .pytree import flatten, unflatten

FORMAT = 1
_KIND = "edgewise-checkpoint"
_MISFITS = (KeyError, TypeError, ValueError, IndexError, AttributeError, RuntimeError, ArithmeticError)


class Resumable(Protocol):
    """A run that can be brought to where another one was."""

    def load_state_dict(self, state: Mapping[str, Any]) -> Stop | None:
        """Take over a state, and say why the run had ended; None if it goes on."""
        ...


@dataclass
class CheckpointFile:
    """Where and how often a run is kept.

    Args:
        path: The file.
        every: Steps from one to the next.
        identity: What the run is; see `run_fingerprint`.
        seconds: Time that the run has taken before this process.
    """

    path: Path
    every: int
    identity: dict[str, str]
    seconds: float = 0.0
    _started: float = field(default_factory=time.perf_counter)

    def due(self, done: int) -> bool:
        """Whether the run is to be written after `done` steps."""
        return done % self.every == 0

    def write(self, state: Mapping[str, Any]) -> None:
        """Put a run's state into the file.

        Args:
            state: What the run says of itself between two steps.
        """
        tensors: dict[str, Tensor] = {}
        timed = {**state, "seconds": self.seconds + time.perf_counter() - self._started}
        header = {"format": FORMAT, "identity": self.identity, "state": flatten(timed, tensors)}
        # One name for the draft: what a killed process left behind is written over.
        write_container(self.path, tensors, header, _KIND, draft=f".{self.path.name}.draft")

    def resume(self, run: Resumable) -> Stop | None:
        """Bring a fresh run to where the file was written; nothing happens without one.

        Returns:
            Why the run had ended; None if it goes on.

        Raises:
            InputError: the file is of another run.
            FileError: it is damaged.
        """
        if not self.path.exists():
            return None
        tensors, header = read_container(self.path, _KIND, newest=FORMAT, where="fit")
        check_fingerprint(str(self.path), header.get("identity"), self.identity)
        with self.misfits():
            state = unflatten(header["state"], tensors)
            stop = run.load_state_dict(state)
            self.seconds = float(state["seconds"])
            return stop

    @contextmanager
    def misfits(self, unless: Callable[[], bool] = lambda: False) -> Iterator[None]:
        """What fails in this block is the file's fault, and said so.

        Args:
            unless: Says whether it cannot be the file's any more.
        """
        try:
            yield
        except EdgewiseError:
            raise
        except _MISFITS as error:
            if unless():
                raise
            raise self._misfit(error) from error

    def _misfit(self, error: Exception) -> FileError:
        return FileError(
            f"fit: {str(self.path)!r} must be a whole checkpoint; its parts do not fit together ({error!r:.200}). "
            f"Delete it to begin anew."
        )


def checkpoint_at(
    path: str | os.PathLike[str] | None, every: int, batches: object, identity: Callable[[], dict[str, str]]
) -> CheckpointFile | None:
    """The checkpoint that `fit` was asked for, if it was.

    Args:
        path: File; None for none.
        every: Steps from one to the next.
        batches: What epochs are made of.
        identity: Says what the run is.

    Raises:
        InputError: the path cannot be written, or the order of the data cannot be kept.
    """
    if path is None:
        return None
    if isinstance(batches, StreamedBatches):
        raise InputError(
            "fit: checkpoint must be None with a DataLoader, whose order is its own and cannot be gone on with. "
            "Pass the samples as tensors, with batch=."
        )
    return CheckpointFile(target_of("fit", path), int(every), identity())
