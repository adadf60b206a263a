"""The samples a formula is judged on: inputs, and where there are some, targets and samples held out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, is_dataclass
from typing import Any

import torch
from torch import Tensor

from ....network import Network, as_inputs, default_inputs, inputs_and_targets
from ...targets import matching_targets


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
    y = matching_targets(targets, len(given), model, "formula")
    if y is None:
        return FormulaSamples(given)
    precision = y.dtype if y.is_floating_point() else torch.float64
    if test_x is None or test_y is None:
        return FormulaSamples(given, y.double(), precision=precision)
    held = as_inputs(test_x, model, "formula")
    held_y = matching_targets(test_y, len(held), model, "formula", "test_y")
    if held_y is None:
        return FormulaSamples(given, y.double(), precision=precision)
    return FormulaSamples(given, y.double(), held, held_y.double(), precision)


def _held_out(data: Any) -> tuple[Any, Any]:
    """Test samples of a dict or a `Data`; those that decided when to stop where there are none."""
    if isinstance(data, Mapping):
        return data.get("test_input"), data.get("test_label")
    if not is_dataclass(data):
        return None, None
    prefix = "test" if getattr(data, "test_x", None) is not None else "validation"
    return getattr(data, f"{prefix}_x", None), getattr(data, f"{prefix}_y", None)
