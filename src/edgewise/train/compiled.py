"""The objective of a small network and its gradient in one compiled call: loss, penalty, and all derivatives."""

from __future__ import annotations

import torch
from torch import Tensor

from ..network import Network
from ..network.compiled import CompiledNetwork, parameters_of, serves
from .data import Data
from .loss import LOSSES
from .objective import Objective, Report
from .parameters import FlatParameters
from .penalty import Penalty

_MAGNITUDES = {"deviation": 0, "gain": 1, "share": 2}


class CompiledObjective:
    """Mean square error plus penalty of a network on samples that stay the same.

    Args:
        objective: What `compiled_objective` agreed to.
        data: The samples.
        flat: The parameters; values that are tried are put into its buffer, not into the model.
    """

    def __init__(self, objective: Objective, data: Data, flat: FlatParameters) -> None:
        model = objective.model
        assert isinstance(model, Network)
        starts = dict(zip(map(id, flat.parameters), flat.starts, strict=True))
        pieces = dict(zip(map(id, flat.parameters), flat.pieces, strict=True))
        offsets = [starts.get(id(part), -1) for part in parameters_of(model.stages)]
        self._flat = flat
        # Addresses are handed over: what lies there must live as long as this object.
        self._model, self._x, self._y = model, model.enter(data.x).contiguous(), data.y.contiguous()
        self._weights = None if data.weights is None else (data.weights / data.weights.sum()).contiguous()
        self._run = CompiledNetwork(
            model.stages,
            len(self._x),
            offsets=offsets,
            address=lambda part: pieces.get(id(part), part).data_ptr(),
        ).run
        self._run.inputs(self._x.data_ptr(), False)
        scaler = model.output_scaler
        self._targets = (
            self._y.data_ptr(),
            0 if self._weights is None else self._weights.data_ptr(),
            0 if scaler is None else scaler.scale.data_ptr(),
            0 if scaler is None else scaler.shift.data_ptr(),
            _penalty_numbers(objective.penalty),
        )

    def __call__(self, parameters: Tensor) -> tuple[Report, Tensor]:
        """The objective and its parts at a flat vector of parameters, and the gradient there."""
        self._flat.buffer.copy_(parameters)
        gradient = torch.empty_like(parameters)
        objective, loss, penalty = self._run.objective(*self._targets, gradient.data_ptr())
        return Report(objective, loss, None if self._targets[4] is None else penalty), gradient


def _penalty_numbers(penalty: Penalty) -> tuple[float, float, float, float, float, int] | None:
    if not penalty.lamb:
        return None
    numbers = (penalty.lamb, penalty.l1, penalty.entropy, penalty.coef, penalty.coefdiff)
    return (*numbers, _MAGNITUDES[str(penalty.magnitude)])


def compiled_objective(objective: Objective, data: Data, flat: FlatParameters) -> CompiledObjective | None:
    """The compiled objective; None where there is none for this model, loss or penalty.

    Example:
        >>> from edgewise.train.loss import as_loss
        >>> objective = Objective(torch.nn.Linear(1, 1), as_loss("mse"), Penalty())
        >>> data = Data(torch.zeros(2, 1), torch.zeros(2, 1))
        >>> compiled_objective(objective, data, FlatParameters(list(objective.model.parameters()))) is None
        True
    """
    model, penalty = objective.model, objective.penalty
    if not isinstance(model, Network) or type(model).forward is not Network.forward:
        return None
    if objective.loss is not LOSSES["mse"] or (penalty.lamb and penalty.magnitude not in _MAGNITUDES):
        return None
    x, y = data.x, data.y
    if x.ndim != 2 or y.shape != (len(x), model.stages[-1].out_features) or y.dtype != x.dtype:
        return None
    if data.weights is not None and (data.weights.ndim != 1 or data.weights.dtype != x.dtype):
        return None
    known = set(map(id, parameters_of(model.stages)))
    if any(id(part) not in known or part.dtype != x.dtype for part in flat.parameters):
        return None
    return CompiledObjective(objective, data, flat) if serves(model.stages, model.enter(x)) else None
