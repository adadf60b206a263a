"""A mean square as a sum of squares with a Jacobian, for the least-squares solvers."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from ...errors import InputError
from ...network import Network, has_jacobian, roughness_rows
from ...optim import DenseJacobian, Jacobian, JacobianOperator, LeastSquares, LMState, Minimiser, SparseRows
from ..step.parameters import FlatParameters, trainable
from .fused_residuals import Errors, FusedResiduals, fused_residuals
from .jacobian import module_jacobian
from .objective import Report

ROUGHNESS_WEIGHT = 1e-8
"""Weight of the roughness of splines beside the mean square: felt only where no sample is."""

_ROWS = ("columns", "values", "parameters")
_MOST_DENSE = 4000
_MOST_ENTRIES = 2e8


class FitResiduals:
    """Errors of a model on samples, each divided so that their squares sum to the mean square.

    Args:
        model: Any module.
        x: Inputs, shape (batch, columns).
        y: Targets, of the outputs' shape.
        weights: One for each sample, or None.
        roughness_weight: Weight of the roughness of splines; only for networks of spline edges.
        parameters: What is varied; all that require gradients if None.

    Attributes:
        flat: The parameters as one vector.
        problem: What the solvers take; vectors are in float64 whatever the model's type.

    Example:
        >>> from edgewise.network import build
        >>> from edgewise.optim import LevenbergMarquardt
        >>> x = torch.linspace(-1, 1, 50, dtype=torch.float64)[:, None]
        >>> errors = FitResiduals(build([1, 1], dtype=torch.float64), x, x.sin())
        >>> LevenbergMarquardt().minimise(errors.problem, errors.read_from_model()).value < 1e-6
        True
    """

    def __init__(
        self,
        model: nn.Module,
        x: Tensor,
        y: Tensor,
        weights: Tensor | None = None,
        *,
        roughness_weight: float = ROUGHNESS_WEIGHT,
        parameters: list[nn.Parameter] | None = None,
    ) -> None:
        self.model, self._x = model, x
        self._y, self._scale = _before_scaler(model, y)
        self.flat = FlatParameters(trainable(model) if parameters is None else parameters)
        self._factor = _factors(y, weights)
        self._roughness_weight = roughness_weight if has_jacobian(model) else 0.0
        self._rough: SparseRows | None = None
        self._fused: FusedResiduals | None = None
        self.refresh()
        self.problem = LeastSquares(self.residual, self.jacobian, compiled=self._compiled_step)

    def refresh(self) -> None:
        """Take note that the model was changed by someone else."""
        self._before = self._rough, self._fused
        if self._roughness_weight:
            rows = roughness_rows(self.model, self._x, self.flat.parameters)  # type: ignore[arg-type]
            values = self._roughness_weight**0.5 * rows.values.double()
            self._rough = SparseRows(rows.columns, values, rows.parameters)
        self._fused = self._in_fused_code()

    def undo_refresh(self) -> None:
        """Take note that it is as it was before the last `refresh`: so are the rows of roughness."""
        self._rough, self._fused = self._before

    def state_dict(self) -> dict[str, Any]:
        """The rows of roughness as tensors: the model does not tell when they were made."""
        return {} if self._rough is None else {name: getattr(self._rough, name) for name in _ROWS}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over the rows that `state_dict` gave."""
        if self._roughness_weight:
            self._rough = SparseRows(*(state[name] for name in _ROWS))
        self._fused = self._in_fused_code()

    def read_from_model(self) -> Tensor:
        """The parameters as they are, shape (n,)."""
        return self.flat.read().double()

    def write_to_model(self, x: Tensor) -> None:
        """Put a solution into the model."""
        self.flat.write(x)

    def step(self, minimiser: Minimiser[LeastSquares, Any], state: LMState) -> LMState:
        """One step of the minimiser."""
        return minimiser.step(self.problem, state)

    def report(self, state: LMState) -> Report:
        """The mean square at a state."""
        loss = self.loss(state.residual)
        return Report(loss, loss, None)

    @torch.no_grad()
    def residual(self, flat: Tensor) -> Tensor:
        """Errors, and roughness below them."""
        self.flat.write(flat)
        if self._scale is None:
            errors = self._factor * (self.model(self._x) - self._y).double().flatten()
        else:
            h = self.model.run_layers(self.model.prepare_inputs(self._x))  # type: ignore[operator]
            errors = self._factor * (self._scale * (h - self._y).double()).flatten()
        return errors if self._rough is None else torch.cat([errors, self._rough.times(flat)])

    def loss(self, residual: Tensor) -> float:
        """The mean square in what `residual` gave."""
        errors = residual[: len(self._factor)]
        return float(errors.dot(errors))

    def jacobian(self, flat: Tensor) -> Jacobian:
        """Derivatives of `residual`; as products only where the matrix would be too large."""
        self.flat.write(flat)
        if len(flat) > _MOST_DENSE and (
            len(flat) * len(self._factor) > _MOST_ENTRIES or not self._roughness_weight
        ):
            return self._operator()
        found = module_jacobian(self.model, self._x, self.flat.parameters)[1]
        if isinstance(found, DenseJacobian):
            matrix = self._factor[:, None] * found.matrix.double()
            return DenseJacobian(matrix if self._rough is None else torch.cat([matrix, self._rough.dense()]))
        rows = SparseRows(found.columns, self._factor[:, None] * found.values.double(), found.parameters)
        return rows if self._rough is None else _stacked(rows, self._rough)

    def _compiled_step(self, solver: Minimiser[LeastSquares, LMState], state: LMState) -> LMState | None:
        if self._fused is not None and not self._fused.is_current():
            self._fused = self._in_fused_code()
        if self._fused is None or not self._fused.is_supported(solver):
            return None
        return self._fused.step(solver, state)

    def _in_fused_code(self) -> FusedResiduals | None:
        factor = self._factor
        if self._scale is not None:
            factor = factor * self._scale.expand(len(self._x), -1).flatten()
        return fused_residuals(Errors(self.model, self._x, self._y, factor, self.flat, self._rough))

    def _operator(self) -> JacobianOperator:
        # A copy: the solver writes other values into the model before it is done with these products.
        model = copy.deepcopy(self.model)
        pairs = zip(self.model.parameters(), model.parameters(), strict=True)
        twins = {id(own): twin for own, twin in pairs}
        parameters = [twins[id(own)] for own in self.flat.parameters]
        count, rough = len(self._factor), self._rough
        with torch.enable_grad():
            outputs = model(self._x).flatten()
            probe = torch.zeros_like(outputs).requires_grad_()
            pulled = torch.cat(
                [
                    part.flatten()
                    for part in torch.autograd.grad(
                        outputs, parameters, probe, create_graph=True, materialize_grads=True
                    )
                ]
            )

        def times(vector: Tensor) -> Tensor:
            # J'u is linear in u: its own gradient along v is J v.
            (found,) = torch.autograd.grad(pulled, probe, vector.to(pulled), retain_graph=True)
            image = self._factor * found.double()
            return image if rough is None else torch.cat([image, rough.times(vector)])

        def transposed_times(vector: Tensor) -> Tensor:
            found = torch.autograd.grad(
                outputs,
                parameters,
                (self._factor * vector[:count]).to(outputs),
                retain_graph=True,
                materialize_grads=True,
            )
            image = torch.cat([part.flatten() for part in found]).double()
            return image if rough is None else image + rough.transposed_times(vector[count:])

        rows = count + (0 if rough is None else rough.shape[0])
        return JacobianOperator((rows, len(pulled)), times, transposed_times)


def _before_scaler(model: nn.Module, y: Tensor) -> tuple[Tensor, Tensor | None]:
    """Targets to compare with outputs before the output scaler, so that its shift takes no digits; and its scale."""
    if type(model).forward is not Network.forward or model.output_scaler is None:
        return y, None
    return model.output_scaler(y), model.output_scaler.scale.double()


def _factors(y: Tensor, weights: Tensor | None) -> Tensor:
    """What each error is multiplied with, shape (batch * outputs,), float64."""
    outputs = y[0].numel()
    if weights is None:
        return torch.full((y.numel(),), y.numel() ** -0.5, dtype=torch.float64, device=y.device)
    if bool((weights < 0).any()):
        raise InputError("fit: weights must not be negative for opt='LM'; got one below 0. Leave it out.")
    share = weights.double() / (weights.double().sum() * outputs)
    return share.sqrt().repeat_interleave(outputs)


def _stacked(above: SparseRows, below: SparseRows) -> SparseRows:
    width = max(above.columns.shape[1], below.columns.shape[1])
    parts = [
        torch.nn.functional.pad(part, (0, width - part.shape[1]))
        for part in (above.columns, below.columns, above.values, below.values)
    ]
    return SparseRows(torch.cat(parts[:2]), torch.cat(parts[2:]), above.parameters)
