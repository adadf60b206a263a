"""A word to those whose columns are far from the scale that start values and the base are made for."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..network import Network
from .data.data import Data
from .objective.loss import LOSSES, Loss

_LEAST_SPREAD, _MOST_SPREAD, _MOST_MEAN = 0.05, 5.0, 5.0
"""On exp(sin(pi x) + y^2), spreads ten times or a hundredth of 1, or means of 10, cost a factor of 4 to 12 in
the test error after 20 steps; a tenth costs a factor of 2."""


def scaling_warnings(model: nn.Module, data: Data, loss: Loss = LOSSES["mse"]) -> list[str]:
    """What to say of the columns' scales: nothing where they are near 1, or where a scaler sees to them.

    Example:
        >>> from edgewise.network import build
        >>> x = torch.linspace(-1, 1, 50)[:, None]
        >>> scaling_warnings(build([1, 1]), Data(x, 1000 * x))[0][:47]
        'Targets have a spread of 589 in a column: pass '
    """
    if not isinstance(model, Network):
        return []
    notes = []
    for name, values, scaler in (
        ("Inputs", data.x, model.input_scaler),
        ("Targets", data.y, model.output_scaler),
    ):
        fixed = name == "Targets" and loss.targets in ("classes", "probabilities")
        found = None if fixed or scaler is not None else _far_off(values)
        if found is not None:
            kind = "input_scaler" if name == "Inputs" else "output_scaler"
            source = "x" if name == "Inputs" else "y"
            notes.append(
                f"{name} have {found}: pass {kind}=Scaler.of({source}) to the model; it trains better."
            )
    return notes


def _far_off(values: Tensor) -> str | None:
    """The scale of the column that is farthest off, in words; None where all are near 1."""
    if not values.is_floating_point() or values.ndim != 2 or len(values) < 2:
        return None
    spread, mean = values.std(0, correction=0), values.mean(0)
    varies = spread > 1e-12 * values.abs().amax(0)
    if not bool(varies.any()):
        return None
    spread, mean = spread[varies], mean[varies]
    off = torch.maximum(spread.log().abs(), mean.abs().clamp_min(1).log())
    worst = int(off.argmax())
    size, centre = float(spread[worst]), float(mean[worst])
    if not _LEAST_SPREAD <= size <= _MOST_SPREAD:
        return f"a spread of {size:.3g} in a column"
    return f"a mean of {centre:.3g} in a column" if abs(centre) > _MOST_MEAN else None
