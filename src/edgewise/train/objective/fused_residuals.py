"""Errors of a small network in fused code, and iterations of Levenberg-Marquardt on them without a call of Python."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import IntEnum
from typing import NamedTuple, TypeGuard

import torch
from torch import Tensor, nn

from ...events import Stop
from ...network import (
    Description,
    FusedNetwork,
    Network,
    buffers_of,
    parameters_of,
)
from ...optim import (
    DAMPED_OUT,
    NOT_FINITE,
    SMALL_CHANGE,
    SMALL_GRADIENT,
    STANDSTILL,
    LevenbergMarquardt,
    LMState,
    SparseRows,
)
from ..step.fused_description import fused_description
from ..step.parameters import FlatParameters


class NativeStatus(IntEnum):
    """Why the iterations in fused code ended: `LmStatus` of native/least_squares.hpp."""

    RUNNING = 0
    SMALL_GRADIENT = 1
    SMALL_CHANGE = 2
    STANDSTILL = 3
    DAMPED_OUT = 4
    NOT_FINITE = 5


_STATUS: Mapping[NativeStatus, Stop | None] = {
    NativeStatus.RUNNING: None,
    NativeStatus.SMALL_GRADIENT: SMALL_GRADIENT,
    NativeStatus.SMALL_CHANGE: SMALL_CHANGE,
    NativeStatus.STANDSTILL: STANDSTILL,
    NativeStatus.DAMPED_OUT: DAMPED_OUT,
    NativeStatus.NOT_FINITE: NOT_FINITE,
}


class Errors(NamedTuple):
    """Errors of a model as a sum of squares.

    Args:
        model: Any module.
        x: Inputs, shape (batch, columns).
        targets: Of the last layer, shape (batch, outputs).
        factor: What each error is multiplied with, shape (batch * outputs,), float64.
        flat: The parameters.
        rough: Rows that are linear in the parameters, or None.
    """

    model: nn.Module
    x: Tensor
    targets: Tensor
    factor: Tensor
    flat: FlatParameters
    rough: SparseRows | None


class FusedResiduals:
    """Errors of a network on samples that stay the same.

    Args:
        errors: What `fused_residuals` agreed to.
        description: The network, its trained parameters in the buffer of the flat ones.
    """

    def __init__(self, errors: Errors, description: Description) -> None:
        model, flat, rough = errors.model, errors.flat, errors.rough
        assert isinstance(model, Network)
        count = len(flat.buffer)
        self._flat, self._model, self._description = flat, model, description
        self.rows = len(errors.factor) + (0 if rough is None else rough.shape[0])
        own = set(map(id, flat.parameters))
        self._read = [part for part in (*description.buffers, *description.parameters) if id(part) not in own]
        self._places = [part.data_ptr() for part in self._read]
        # Addresses are handed over: what lies there must live as long as this object.
        self._kept = [
            model.prepare_inputs(errors.x).contiguous(),
            errors.targets.contiguous(),
            errors.factor.contiguous(),
            *([] if rough is None else _linear_rows(rough)),
        ]
        x, targets, factor, *linear = self._kept
        self._run = FusedNetwork(description, len(x), x.dtype, flat.offsets(description.parameters)).run
        self._run.set_inputs(x.data_ptr(), False)
        sizes = (
            (0, 0, 0, 0, 0, 0) if rough is None else (*rough.values.shape, *(p.data_ptr() for p in linear))
        )
        self._run.set_squares(targets.data_ptr(), factor.data_ptr(), flat.buffer.data_ptr(), count, sizes)

    def is_current(self) -> bool:
        """Whether the model's tensors still lie where they lay; if not, the errors have to be described anew."""
        layers, before = self._model.layers, self._description
        now = [*buffers_of(layers), *parameters_of(layers)]
        if any(part is not old for part, old in zip(now, (*before.buffers, *before.parameters), strict=True)):
            return False
        # Of parameters that are trained the buffer is read, which is ours.
        return [part.data_ptr() for part in self._read] == self._places

    def is_supported(self, solver: object) -> TypeGuard[LevenbergMarquardt]:
        """Whether this is the solver that the fused code knows, by QR."""
        return type(solver) is LevenbergMarquardt and solver.is_by_qr(self.rows, len(self._flat.buffer))

    def step(self, solver: LevenbergMarquardt, state: LMState) -> LMState:
        """As `solver.step` on these errors.

        Args:
            solver: One that `is_supported`.
            state: Left as it is.

        Returns:
            The next state.
        """
        if state.status is not None:
            return state
        residual, x = state.residual.clone(), state.x.clone()
        scale = torch.zeros_like(x) if state.scale is None else state.scale.clone()
        value, damping, growth, scaled, iterations, evaluations, status = self._run.levenberg_marquardt(
            solver.numbers(solver.max_iterations_per_step),
            (residual.data_ptr(), x.data_ptr(), scale.data_ptr()),
            state.scale is not None,
            (state.value, state.damping, state.growth),
        )
        return replace(
            state,
            x=x,
            value=value,
            residual=residual,
            damping=damping,
            growth=growth,
            scale=scale if scaled else None,
            iterations=state.iterations + iterations,
            evaluations=state.evaluations + evaluations,
            status=_STATUS[NativeStatus(status)],
        )


def fused_residuals(errors: Errors) -> FusedResiduals | None:
    """The errors in fused code; None where there is none for this model or these samples.

    Example:
        >>> flat = FlatParameters(list(nn.Linear(1, 1).parameters()))
        >>> errors = Errors(nn.Linear(1, 1), torch.zeros(2, 1), torch.zeros(2, 1), torch.ones(2), flat, None)
        >>> fused_residuals(errors) is None
        True
    """
    y = errors.targets
    description = fused_description(errors.model, errors.x, y, errors.factor, errors.flat)
    return FusedResiduals(errors, description) if description is not None and y.is_cpu else None


def _linear_rows(rough: SparseRows) -> list[Tensor]:
    """Columns and values of the rows A; R (parameters, parameters) of A = Q R, filled up with zeros, and A' A."""
    dense = rough.dense()
    upper = torch.linalg.qr(dense, mode="r").R
    triangle = upper.new_zeros(rough.parameters, rough.parameters)
    triangle[: len(upper)] = upper
    return [rough.columns.contiguous(), rough.values.contiguous(), triangle, dense.T @ dense]
