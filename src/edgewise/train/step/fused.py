"""The objective of a small network and its gradient in one call of fused code: loss, penalty, and all derivatives."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import TypeGuard

import torch
from torch import Tensor

from ...events import Stop
from ...network import (
    Description,
    FusedNetwork,
    Network,
    buffers_of,
    parameters_of,
)
from ...optim import (
    LBFGS,
    LINE_SEARCH_FAILED,
    NOT_FINITE,
    SMALL_GRADIENT,
    LBFGSHistory,
    QuasiNewtonState,
    StrongWolfe,
)
from ..data.data import Data
from ..objective.loss import LOSSES
from ..objective.objective import Objective, Report
from ..objective.penalty import penalty_numbers
from ..objective.working_units import WorkingUnits
from .fused_description import fused_description
from .parameters import FlatParameters


class NativeStatus(IntEnum):
    """Why the iterations in fused code ended: `Status` of native/lbfgs.hpp."""

    RUNNING = 0
    SMALL_GRADIENT = 1
    LINE_SEARCH_FAILED = 2
    NOT_FINITE = 3


_STATUS: Mapping[NativeStatus, Stop | None] = {
    NativeStatus.RUNNING: None,
    NativeStatus.SMALL_GRADIENT: SMALL_GRADIENT,
    NativeStatus.LINE_SEARCH_FAILED: LINE_SEARCH_FAILED,
    NativeStatus.NOT_FINITE: NOT_FINITE,
}


class FusedObjective:
    """Mean square error plus penalty of a network on samples that stay the same.

    Args:
        objective: What `fused_objective` agreed to.
        data: The samples.
        flat: The parameters; values that are tried are put into its buffer, not into the model.
        description: The network, its trained parameters in that buffer.
    """

    def __init__(
        self, objective: Objective, data: Data, flat: FlatParameters, description: Description
    ) -> None:
        model, units = objective.model, objective.units
        assert isinstance(model, Network)
        self._flat = flat
        # Addresses are handed over: what lies there must live as long as this object.
        self._model, self._description = model, description
        self._x, self._y = model.prepare_inputs(data.x).contiguous(), units.targets(data.y).contiguous()
        self._scale, self._shift = _last_map(model, units)
        self._weights = None if data.weights is None else (data.weights / data.weights.sum()).contiguous()
        self._run = FusedNetwork(
            description, len(self._x), self._x.dtype, flat.offsets(description.parameters)
        ).run
        self._run.set_inputs(self._x.data_ptr(), False)
        self._penalised = bool(objective.penalty.lamb)
        self._run.set_loss(
            self._y.data_ptr(),
            0 if self._weights is None else self._weights.data_ptr(),
            0 if self._scale is None else self._scale.data_ptr(),
            0 if self._shift is None else self._shift.data_ptr(),
            objective.weight,
            penalty_numbers(objective.penalty) if self._penalised else None,
        )

    def is_current(self) -> bool:
        """Whether the model's tensors still lie where they lay; if not, the objective has to be made anew."""
        layers, before = self._model.layers, self._description
        now = [*buffers_of(layers), *parameters_of(layers)]
        if any(part is not old for part, old in zip(now, (*before.buffers, *before.parameters), strict=True)):
            return False
        stand_in = self._flat.stand_in()
        return before.is_current([stand_in.get(id(part), part) for part in before.parameters])

    def __call__(self, parameters: Tensor) -> tuple[Report, Tensor]:
        """The objective and its parts at a flat vector of parameters, and the gradient there."""
        self._flat.buffer.copy_(parameters)
        gradient = torch.empty_like(parameters)
        return self._report(*self._run.objective(gradient.data_ptr())), gradient

    def step(self, solver: LBFGS, state: QuasiNewtonState) -> tuple[QuasiNewtonState, Report]:
        """As `solver.step` on this objective, without a call of Python between iterations.

        Args:
            solver: One that `is_supported`.
            state: One that is not at its end; left as it is.

        Returns:
            The next state, and the parts of its value; what these are is not known if nothing was gained.
        """
        x, gradient, memory = state.x.clone(), state.gradient.clone(), state.memory.copy()
        *value, memory.added, iterations, evaluations, status = self._run.lbfgs(
            _settings(solver),
            _places(memory),
            state.value,
            len(x),
            self._flat.buffer.data_ptr(),
            x.data_ptr(),
            gradient.data_ptr(),
        )
        iterations, evaluations = state.iterations + iterations, state.evaluations + evaluations
        report = self._report(*value)
        after = QuasiNewtonState(
            x, report.objective, gradient, memory, iterations, evaluations, _STATUS[NativeStatus(status)]
        )
        return solver.with_status(state, after), report

    def _report(self, objective: float, loss: float, penalty: float) -> Report:
        return Report(objective, loss, penalty if self._penalised else None)


def _last_map(model: Network, units: WorkingUnits) -> tuple[Tensor | None, Tensor | None]:
    """Scale and shift from the last layer's outputs to working units; None for none."""
    scaler = model.output_scaler
    if units.before_scaler:
        return units.scale, None if units.scale is None else torch.zeros_like(units.scale)
    if scaler is not None:
        return scaler.scale / units.size, scaler.shift / units.size
    if units.size == 1.0:
        return None, None
    ones = torch.ones(model.layers[-1].out_features, dtype=model.dtype)
    return ones / units.size, torch.zeros_like(ones)


def is_supported(solver: object) -> TypeGuard[LBFGS]:
    """Whether this is the solver, and the line search, that the fused code knows."""
    return type(solver) is LBFGS and type(solver.line_search) is StrongWolfe


def _settings(solver: LBFGS) -> tuple[int, float, float, float, float, int]:
    search = solver.line_search
    return (
        solver.max_iterations_per_step,
        solver.tolerance_gradient,
        solver.initial_step,
        search.decrease,
        search.curvature,
        search.max_evaluations,
    )


def _places(memory: LBFGSHistory) -> tuple[int, ...]:
    arrays = (memory.vectors, memory.inverse, memory.curvature, memory.overlap)
    return (len(memory.curvature), memory.added, *(array.ctypes.data for array in arrays))


def fused_objective(objective: Objective, data: Data, flat: FlatParameters) -> FusedObjective | None:
    """The fused objective; None where there is none for this model, loss or penalty.

    Example:
        >>> from edgewise.train.objective.loss import as_loss
        >>> from edgewise.train.objective.penalty import Penalty
        >>> objective = Objective(torch.nn.Linear(1, 1), as_loss("mse"), Penalty())
        >>> data = Data(torch.zeros(2, 1), torch.zeros(2, 1))
        >>> fused_objective(objective, data, FlatParameters(list(objective.model.parameters()))) is None
        True
    """
    model, penalty = objective.model, objective.penalty
    if objective.loss is not LOSSES["mse"] or (penalty.lamb and penalty_numbers(penalty) is None):
        return None
    x, y = data.x, data.y
    if data.weights is not None and (data.weights.ndim != 1 or data.weights.dtype != x.dtype):
        return None
    description = fused_description(model, x, y, data.weights, flat)
    if description is None or not isinstance(model, Network):
        return None
    scaler = model.output_scaler
    if scaler is not None and not all(
        part.shape == y.shape[1:] and part.dtype == y.dtype and part.is_contiguous() and part.is_cpu
        for part in (scaler.scale, scaler.shift)
    ):
        return None
    return FusedObjective(objective, data, flat, description)
