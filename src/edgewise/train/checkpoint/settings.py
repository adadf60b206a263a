"""Where and how often a run is kept: what users pass to `fit`."""

from __future__ import annotations

import os
from dataclasses import dataclass

from ..._checks import check_int


@dataclass(frozen=True)
class Checkpoint:
    """A file that a run is kept in, so that it can be resumed to the same bits.

    Args:
        path: The file.
        every: Steps from one checkpoint to the next.

    Raises:
        InputError: `every` is no whole number of at least 1.

    Example:
        >>> Checkpoint("run.ckpt", every=5).every
        5
    """

    path: str | os.PathLike[str]
    every: int = 10

    def __post_init__(self) -> None:
        """Check how often."""
        check_int("every", self.every, 1, where="Checkpoint")
