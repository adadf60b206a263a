"""Which grids a fit goes through: what users pass to `fit`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ..._checks import check_int, is_int
from ...network import Network
from ..objective.residuals import ROUGHNESS_WEIGHT
from .schedule import GridSchedule


@dataclass(frozen=True)
class GridExtension:
    """Training on one grid after another, from the best of several start values.

    Args:
        grids: Intervals of the splines, rising; "auto" for twice as many each time until samples set aside say
            that more no longer pays; None for the model's own grid.
        n_starts: Start values tried on the first grid, the best of which is trained on; with opt="LM".
        start_steps: Iterations that each of them is given at first; with opt="LM".
        max_grid: Where "auto" ends at the latest.
        plateau_tol: A grid is left once ten iterations lower the loss by a smaller share; with opt="LM".
        roughness_weight: Weight of the roughness of the splines beside the mean square; with opt="LM".

    Raises:
        InputError: `n_starts` or `start_steps` is no whole number of at least 1.

    Example:
        >>> GridExtension([5, 10], n_starts=8).n_starts
        8

    Source: Liu et al. 2024, arXiv:2404.19756, section 2.4.
    """

    grids: Literal["auto"] | int | Sequence[int] | None = "auto"
    n_starts: int = 1
    start_steps: int = 10
    max_grid: int = 200
    plateau_tol: float = 0.1
    roughness_weight: float = ROUGHNESS_WEIGHT

    def __post_init__(self) -> None:
        """Check the counts."""
        check_int("n_starts", self.n_starts, 1, where="GridExtension")
        check_int("start_steps", self.start_steps, 1, where="GridExtension")

    def schedule(self, model: Network) -> GridSchedule:
        """The grids for a model, from coarse to fine.

        Raises:
            InputError: the grids are not rising whole numbers.
        """
        grids: Any = self.grids
        if grids is None:
            grids = [max(model.grid)]
        return GridSchedule.of([grids] if is_int(grids) else grids, model, max_grid=self.max_grid)
