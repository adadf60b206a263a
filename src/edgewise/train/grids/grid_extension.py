"""Which grids a fit goes through: what users pass to `fit`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ..arguments import check_whole


@dataclass(frozen=True)
class GridExtension:
    """Training on one grid after another, from the best of several start values.

    Args:
        grids: Intervals of the splines, rising; "auto" for twice as many each time until samples set aside say
            that more no longer pays; None for the model's own grid.
        n_starts: Start values tried on the first grid, the best of which is trained on; with opt="LM".

    Raises:
        InputError: `n_starts` is no whole number of at least 1.

    Example:
        >>> GridExtension([5, 10], n_starts=8).n_starts
        8

    Source: Liu et al. 2024, arXiv:2404.19756, section 2.4.
    """

    grids: Literal["auto"] | int | Sequence[int] | None = "auto"
    n_starts: int = 1

    def __post_init__(self) -> None:
        """Check the number of starts."""
        check_whole("n_starts", self.n_starts, 1, where="GridExtension")
