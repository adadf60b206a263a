"""When grids follow the data during training, and which of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from torch import Tensor, nn

from ..._checks import is_int
from ...errors import InputError
from ...network import GridPolicy, Network, apply_to_network, move_grid

FOLLOW_SAMPLES = GridPolicy("quantiles", coverage=0.3, max_outside=0.05, whole_layer=True)
"""While a model is trained: a layer's grids move once its inputs have left one, or fill little of it."""

FOLLOW_IF_LEFT = replace(FOLLOW_SAMPLES, coverage=0.0)
"""Of hidden layers under a sparsity penalty, whose nodes shrink on purpose."""

_MAX_ROWS = 16384


@dataclass(frozen=True)
class GridUpdates:
    """Every `stop // num` steps, from `start` on and before `stop`.

    Args:
        num: How many updates there would be if training ran to `stop`; 0 for none.
        start: First step at which one may happen.
        stop: Step from which on none happens.
        sparsify: Whether a penalty on edges is at work; `fit` says so itself.

    Raises:
        InputError: not whole numbers, or `num` negative.

    Example:
        >>> [step for step in range(100) if GridUpdates(10, -1, 50).due(step)]
        [0, 5, 10, 15, 20, 25, 30, 35, 40, 45]
    """

    num: int = 10
    start: int = -1
    stop: int = 50
    sparsify: bool = False

    def __post_init__(self) -> None:
        """Check the numbers."""
        for name, value in (
            ("num", self.num),
            ("start", self.start),
            ("stop", self.stop),
        ):
            if not is_int(value):
                raise InputError(
                    f"GridUpdates: {name} must be a whole number; got {value!r}. Pass for example 10."
                )
        if self.num < 0:
            raise InputError(
                f"GridUpdates: num must be at least 0; got {self.num}. Use update_grid=False for no update."
            )

    def due(self, step: int) -> bool:
        """Whether the grids are to be updated before this step."""
        if not self.num or not self.start <= step < self.stop:
            return False
        return step % max(1, self.stop // self.num) == 0

    def remains(self, step: int, steps: int) -> bool:
        """Whether an update is due at this step or at a later one of `steps`."""
        return any(self.due(later) for later in range(step, min(self.stop, steps)))


def has_adaptive_grid(model: nn.Module) -> bool:
    """Whether the model is a network with an edge whose grid can be moved."""
    return isinstance(model, Network) and any(
        move_grid.supports(layer.basis) and bool((layer.basis.mask != 0).any()) for layer in model.layers
    )


def move_grids(model: Network, x: Tensor, *, sparsify: bool = False) -> bool:
    """Move the grids of those layers whose inputs have left them, or fill too little of them.

    While edges are being driven to zero, hidden nodes shrink on purpose: then their grids are left alone
    unless they are left. Measured on `[2, 5, 1]`: following every node undoes the sparsity in most runs.

    Args:
        model: Changed in place.
        x: Samples; evenly spaced rows of them are used where they are many.
        sparsify: Whether a penalty on edges is at work.

    Returns:
        Whether any grid was moved.
    """
    hidden = FOLLOW_IF_LEFT if sparsify else FOLLOW_SAMPLES
    rows = x[:: -(-len(x) // _MAX_ROWS)]
    return apply_to_network(model, rows, hidden=hidden, inputs=FOLLOW_SAMPLES).moved
