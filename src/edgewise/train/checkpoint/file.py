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
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from ..._atomic import target_of
from ...errors import EdgewiseError, FileError, InputError
from ...events import Stop, StopReason
from ...network import Network, knots_rise, read_container, write_container
from ..step.batches import StreamedBatches
from ..step.engines import Resumable
from ..step.parameters import copy_into, whole_state
from .fingerprint import check_fingerprint
from .pytree import flatten, unflatten

if TYPE_CHECKING:
    from ..run.early_stopping import EarlyStopping
    from ..run.loop import Loop

FORMAT = 1
_KIND = "edgewise-checkpoint"
_MISFITS = (KeyError, TypeError, ValueError, IndexError, AttributeError, RuntimeError, ArithmeticError)


@dataclass
class Checkpoint:
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

    def keep(self, loop: Loop, watch: EarlyStopping, stop: Stop | None = None) -> None:
        """Write the run's state, at its end always, else where it is due.

        Args:
            loop: The run, between two steps.
            watch: Its best weights.
            stop: Why it ended; None while it goes on.
        """
        if stop is None and loop.done % self.every:
            return
        tensors: dict[str, Tensor] = {}
        engine = _resumable(loop.engine)
        state = {
            "model": [part.clone() for part in whole_state(loop.model)],
            "engine": engine.state(),
            "scheduler": None if loop.scheduler is None else loop.scheduler.state(),
            "watch": watch.state(),
            "history": loop.evaluation.history,
            "notes": loop.notes,
            "done": loop.done,
            "stop": None if stop is None else (str(stop.reason), stop.detail),
            "seconds": self.seconds + time.perf_counter() - self._started,
        }
        header = {"format": FORMAT, "identity": self.identity, "state": flatten(state, tensors)}
        # One name for the draft: what a killed process left behind is written over.
        write_container(self.path, tensors, header, _KIND, draft=f".{self.path.name}.draft")

    def resume(self, loop: Loop, watch: EarlyStopping) -> Stop | None:
        """Bring a fresh run to where the file was written; nothing happens without one.

        Returns:
            Why the run had ended; None if it goes on.

        Raises:
            InputError: the file is of another run.
            FileError: it is damaged.
        """
        _resumable(loop.engine)
        if not self.path.exists():
            return None
        tensors, header = read_container(self.path, _KIND, newest=FORMAT, where="fit")
        check_fingerprint(str(self.path), header.get("identity"), self.identity)
        try:
            return self._take(unflatten(header["state"], tensors), loop, watch)
        except EdgewiseError:
            raise
        except _MISFITS as error:
            raise self._misfit(error) from error

    @contextmanager
    def first_step(self, loop: Loop) -> Iterator[None]:
        """What fails before a resumed run has made one step is the file's fault, and said so."""
        done = loop.done
        try:
            yield
        except EdgewiseError:
            raise
        except _MISFITS as error:
            if done == 0 or loop.done > done:
                raise
            raise self._misfit(error) from error

    def _misfit(self, error: Exception) -> FileError:
        return FileError(
            f"fit: {str(self.path)!r} must be a whole checkpoint; its parts do not fit together ({error!r:.200}). "
            f"Delete it to begin anew."
        )

    def _take(self, state: Mapping[str, Any], loop: Loop, watch: EarlyStopping) -> Stop | None:
        copy_into(whole_state(loop.model), state["model"])
        _check_knots(loop.model)
        _resumable(loop.engine).resume(state["engine"])
        if loop.scheduler is not None:
            loop.scheduler.resume(state["scheduler"])
        watch.resume(state["watch"])
        loop.evaluation.history.clear()
        loop.evaluation.history.update(state["history"])
        loop.notes[:] = state["notes"]
        loop.done = int(state["done"])
        self.seconds = float(state["seconds"])
        if state["stop"] is None:
            return None
        reason, detail = state["stop"]
        return Stop(StopReason(reason), str(detail))


def checkpoint_at(
    path: str | os.PathLike[str] | None, every: int, batches: object, identity: Callable[[], dict[str, str]]
) -> Checkpoint | None:
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
    return Checkpoint(target_of("fit", path), int(every), identity())


def _resumable(engine: object) -> Resumable:
    if not isinstance(engine, Resumable):
        raise InputError(
            f"fit: checkpoint must be None with this optimiser, which cannot be gone on with; got a "
            f"{type(engine).__name__}. Choose opt='LBFGS' or 'Adam'."
        )
    return engine


def _check_knots(model: nn.Module) -> None:
    if isinstance(model, Network) and not all(
        knots_rise(layer.basis.knots, layer.basis.k) for layer in model.layers
    ):
        raise FileError("fit: knots in the checkpoint must be finite and rise; the file is damaged.")
