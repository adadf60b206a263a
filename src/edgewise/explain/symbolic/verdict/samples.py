"""The samples a formula is judged on: inputs, and where there are some, targets and samples held out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, is_dataclass
from typing import Any

import torch
from torch import Tensor

from ...._tensors import to_tensor
from ....errors import InputError, ShapeError
from ....network import Network, as_inputs, default_inputs, inputs_and_targets


@dataclass(frozen=True)
class FormulaSamples:
    """Samples in float64 on the CPU.

    Attributes:
        x: Inputs (n, input columns).
        y: Targets (n, outputs); None where there are none that the outputs can be compared with.
        test_x: Inputs that were held out, or None.
        test_y: Their targets, or None.
        precision: The coarsest data type that targets and inputs were given in.
    """

    x: Tensor
    y: Tensor | None = None
    test_x: Tensor | None = None
    test_y: Tensor | None = None
    precision: torch.dtype = torch.float64


def formula_samples(data: Any, model: Network) -> FormulaSamples:
    """Read samples in any form.

    Args:
        data: Inputs in any form `trace` takes; a pair (x, y); a dict with "train_input" and perhaps
            "train_label", "test_input", "test_label"; a `Data`; or None for points spread over the first
            layer's grid. Targets that are no values of the outputs' shape, such as labels of classes, are
            left out.
        model: A float64 network on the CPU.

    Raises:
        InputError: values are not finite.
        ShapeError: the shapes do not fit the model, or there are not as many targets as samples.

    Example:
        >>> from edgewise.network import build
        >>> formula_samples(([[0.0], [1.0]], [0.0, 2.0]), build([1, 1], dtype=torch.float64)).y.shape
        torch.Size([2, 1])
    """
    if data is None:
        return FormulaSamples(default_inputs(model))
    given, targets = inputs_and_targets(data, model, "formula")
    test_x, test_y = _held_out(data)
    y, precision = _targets(targets, len(given), model)
    if test_x is None or test_y is None or y is None:
        return FormulaSamples(given, y, precision=precision)
    held = as_inputs(test_x, model, "formula")
    held_y, _ = _targets(test_y, len(held), model)
    return FormulaSamples(given, y, None if held_y is None else held, held_y, precision)


def _held_out(data: Any) -> tuple[Any, Any]:
    """Test samples of a dict or a `Data`; those that decided when to stop where there are none."""
    if isinstance(data, Mapping):
        return data.get("test_input"), data.get("test_label")
    if not is_dataclass(data):
        return None, None
    prefix = "test" if getattr(data, "test_x", None) is not None else "validation"
    return getattr(data, f"{prefix}_x", None), getattr(data, f"{prefix}_y", None)


def _targets(y: Any, rows: int, model: Network) -> tuple[Tensor | None, torch.dtype]:
    """Targets as a matrix in float64, and the data type they came in."""
    if y is None:
        return None, torch.float64
    given = to_tensor(y, "formula", "y", finite=False)
    values = given.flatten(0, -2) if given.ndim > 2 else given
    if values.ndim == 0 or len(values) != rows:
        raise ShapeError(
            f"formula: y must have one row for each of the {rows} rows of x; got shape {tuple(given.shape)}. "
            f"Pass as many targets as samples."
        )
    outputs = model.layers[-1].out_features
    values = values[:, None] if values.ndim == 1 and outputs == 1 else values
    if values.shape != (rows, outputs):
        return None, torch.float64
    bad = ~torch.isfinite(values).all(1)
    if bool(bad.any()):
        raise InputError(
            f"formula: y must be finite; got NaN or infinity in {int(bad.sum())} of {rows} rows. Drop these rows."
        )
    kind = values.dtype if values.dtype.is_floating_point else torch.float64
    return values.detach().double().cpu(), kind
