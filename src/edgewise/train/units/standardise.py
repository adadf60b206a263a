"""Scalers for a new network whose columns are far from the scale that start values and the base are made for.

A spline, a base such as silu and the start values are made for numbers of size 1 around 0. A network that has not
been trained yet stands for no function that is to be kept: it is given scalers, so that training on `a x + b` and
`c y` is training on `x` and `y`. Columns that are near that size stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from ...layers import KANLayer, LinearEdgeLayer
from ...network import Network, Scaler
from ..data.data import Data
from ..objective.loss import Loss
from ..outputs import predict_in_chunks
from .column_scales import input_scaler, target_scaler

_LEARNT = 0.9
"""Share of the targets' variance from which on a network has been trained by other means, and is left as it is."""

_OF_THE_GRID = ("periodic", "error")
"""Ways to go on outside the grid that give its ends a meaning of their own."""

_UNSEEN = 1e-2
"""Deviation beside that of the largest output from which on an output hardly counts: its square is what is seen."""

_ROWS = 65536


@dataclass
class Standardised:
    """What `standardise` did.

    Args:
        model: The network.
        notes: What to say of it; empty where nothing was done.
        knots: The first layer's knots as they were; None where they stayed.
        inputs: Whether the network was given an input scaler.
        targets: Whether it was given an output scaler.
    """

    model: nn.Module
    notes: list[str] = field(default_factory=list)
    knots: Tensor | None = None
    inputs: bool = False
    targets: bool = False

    def undo(self) -> None:
        """Take the scalers out again: nothing was trained."""
        if self.inputs:
            self.model.input_scaler = None
        if self.targets:
            self.model.output_scaler = None
        if self.knots is not None:
            self.model.layers[0].basis.knots.copy_(self.knots)  # type: ignore[union-attr, index]


@torch.no_grad()
def standardise(model: nn.Module, data: Data, loss: Loss) -> Standardised:
    """Give a network that was not trained yet the scalers that its data call for, in place.

    Args:
        model: A network; any other module is left as it is.
        data: What it will be trained on.
        loss: By which loss; targets stay as they are where it is no loss of values.

    Example:
        >>> from edgewise.network import build
        >>> from edgewise.train.objective.loss import LOSSES
        >>> x, model = torch.linspace(1950, 2025, 50)[:, None], build([1, 1])
        >>> done = standardise(model, Data(x, (x / 10).sin()), LOSSES["mse"])
        >>> float(model.input_scaler.shift), model.output_scaler is None
        (1987.5, True)
    """
    done = Standardised(model, _unequal(data, loss))
    if not isinstance(model, Network):
        done.notes.extend(_advice_for_layers(model, data))
        return done
    if not _is_new(model, data, loss):
        done.notes.extend(_advice(model, data, loss))
        return done
    if model.input_scaler is None and data.x.ndim == 2:
        done.inputs = _scale_inputs(model, data.x[:, model.columns], done)
    if model.output_scaler is None and _are_values(data, loss):
        found = target_scaler(data.y)
        if found is not None:
            model.output_scaler = found.to(model.device, model.dtype)
            done.targets = True
            done.notes.append(_note("Targets", "output_scaler", found))
    return done


def _unequal(data: Data, loss: Loss) -> list[str]:
    """What to say of outputs that are too small beside others to count in a loss over all of them."""
    if not _are_values(data, loss) or data.y.shape[1] < 2 or len(data.y) < 2:
        return []
    spread = data.y.double().std(0, correction=0)
    small = ((spread < _UNSEEN * spread.max()) & (data.y.amax(0) > data.y.amin(0))).nonzero()[:, 0].tolist()
    if not small:
        return []
    return [
        f"Outputs {small} hardly count in the loss beside the largest: bring the targets to one size to learn all."
    ]


def _are_values(data: Data, loss: Loss) -> bool:
    return loss.targets == "values" and data.y.ndim == 2


def _advice(model: Network, data: Data, loss: Loss) -> list[str]:
    """What to say of a network that keeps its units though its columns are far from size 1."""
    far_inputs = model.input_scaler is None and data.x.ndim == 2 and input_scaler(data.x) is not None
    far_targets = (
        model.output_scaler is None and _are_values(data, loss) and target_scaler(data.y) is not None
    )
    return [
        f"{name} are far from size 1, and the model was trained before without a scaler: build it anew with "
        f"{scaler}=Scaler.of({source}); it trains better."
        for name, scaler, source, far in (
            ("Inputs", "input_scaler", "x", far_inputs),
            ("Targets", "output_scaler", "y", far_targets),
        )
        if far
    ]


def _advice_for_layers(model: nn.Module, data: Data) -> list[str]:
    """What to say of a module of the user's own whose first layer of splines sees columns far from size 1."""
    first = next((part for part in model.modules() if isinstance(part, LinearEdgeLayer | nn.Linear)), None)
    far = isinstance(first, LinearEdgeLayer) and data.x.ndim == 2 and input_scaler(data.x) is not None
    return (
        ["Inputs are far from size 1: put Scaler.of(x) before the first layer; it trains better."]
        if far
        else []
    )


def _is_new(model: Network, data: Data, loss: Loss) -> bool:
    """Whether the network has its start values, so that its units are still open."""
    if model.is_trained or type(model).forward is not Network.forward:
        return False
    if any(len(layer.formula.edge_index) for layer in model.layers):
        return False
    x, y = data.x[:_ROWS], data.y[:_ROWS]
    if loss.targets != "values" or len(x) < 2 or y.ndim != 2:
        return True
    # Trained by other means, such as a loop of the user's own: what it has learnt is kept.
    y = y.double()
    variance = float(y.var(0, correction=0).mean())
    left = float((predict_in_chunks(model, x).double() - y).square().mean())
    return not left < (1 - _LEARNT) * variance


def _scale_inputs(model: Network, x: Tensor, done: Standardised) -> bool:
    basis = model.layers[0].basis
    found = input_scaler(x)
    if found is None:
        return False
    low, high = basis.interval()
    inside = ((x >= low) & (x <= high)).all(0) & (x.amax(0) - x.amin(0) >= 0.3 * (high - low))
    if isinstance(basis, KANLayer):
        if basis.extrapolation in _OF_THE_GRID:
            inside = torch.ones_like(inside)
        if bool(inside.any()):  # a grid that was made for these columns keeps its places
            done.knots = basis.knots.clone()
            moved = (basis.knots - found.shift[:, None].to(basis.knots)) / found.scale[:, None].to(
                basis.knots
            )
            basis.knots[inside] = moved[inside]
    elif bool(inside.any()):
        return False
    model.input_scaler = found.to(model.device, model.dtype)
    done.notes.append(_note("Inputs", "input_scaler", found))
    return True


def _note(name: str, scaler: str, found: Scaler) -> str:
    far = (found.shift != 0) | (found.scale != 1)
    worst = int(torch.where(far, found.scale.log().abs() + 1, 0.0).argmax())
    centre, spread = float(found.shift[worst]), float(found.scale[worst])
    centre = 0.0 if abs(centre) < 1e-3 * spread else centre
    column = f" in column {worst}" if len(far) > 1 else ""
    return (
        f"{name} spread by {spread:.3g} around {centre:.6g}{column}: the model was given an {scaler}, and trains in "
        f"these units."
    )
