"""The sizes that are measured: those at which others publish figures, and those small KANs are used at."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Size:
    """One network on one batch.

    Args:
        width: Nodes of each level.
        batch: Samples.
        grid: Intervals of each spline.
        dtype: "float32" or "float64".
    """

    width: tuple[int, ...]
    batch: int
    grid: int = 5
    dtype: str = "float32"

    @property
    def key(self) -> str:
        """What `--sizes` looks for, such as `784x64x10-b64-g5`."""
        tail = "-float64" if self.dtype == "float64" else ""
        return f"{'x'.join(map(str, self.width))}-b{self.batch}-g{self.grid}{tail}"

    @property
    def label(self) -> str:
        """The size as it is printed, such as `[784,64,10] B64 G5`."""
        tail = " float64" if self.dtype == "float64" else ""
        return f"[{','.join(map(str, self.width))}] B{self.batch} G{self.grid}{tail}"

    @property
    def edges(self) -> int:
        """Edges of the largest layer times samples."""
        return self.batch * max(a * b for a, b in pairwise(self.width))


SIZES = (
    Size((2, 5, 1), 1000),
    Size((2, 5, 1), 1000, dtype="float64"),
    Size((4, 10, 10, 1), 2000),
    *(Size((784, 64, 10), batch, grid) for grid in (5, 20) for batch in (64, 256, 1024)),
    Size((1000, 1000, 1), 100),
    Size((64, 64, 64, 64), 1024),
    Size((256, 256, 256), 1024, 8),
    Size((64, 64, 64), 4096, 50),
)

FLATNESS = "flatness"
"""Name of the row that measures one size on several grids."""
FLAT_SIZE = Size((64, 64, 64), 1024)
FLAT_GRIDS = (5, 10, 20, 50, 100)
