"""What a model and a loss ask of the data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from torch import Tensor, nn

from ...network import InputSpec, Network, input_spec
from ..objective.loss import Loss
from ..outputs import predict_in_chunks


@dataclass(frozen=True)
class DataSpec(InputSpec):
    """What the model and the loss ask of the data.

    Args:
        outputs: Columns it gives, 0 for a flat vector of predictions; a function of some inputs that
            tells; or None when unknown.
        targets: As `Loss.targets`, or "unknown" while the loss is not known.
        where: Name of the function the user called, for messages.
    """

    outputs: int | Callable[[Tensor], int] | None = None
    targets: str = "values"
    where: str = "fit"

    def knowing(self, inputs: Tensor) -> DataSpec:
        """Return the same with the number of outputs found out, if it takes a look at some inputs."""
        return replace(self, outputs=self.outputs(inputs[:1])) if callable(self.outputs) else self


def data_spec(model: nn.Module | None, loss: Loss | None = None, where: str = "fit") -> DataSpec:
    """Read off the model and the loss what the data must be.

    Args:
        model: A network or any module; None for float32 on the CPU and any width.
        loss: None while it is not known: then class labels and values both pass.
        where: Name of the function the user called.

    Example:
        >>> data_spec(nn.Linear(2, 1)).targets
        'unknown'
    """
    targets = "unknown" if loss is None else loss.targets
    if model is None:
        return DataSpec(targets="values" if loss is None else targets, where=where)
    spec = input_spec(model)
    outputs: int | Callable[[Tensor], int]
    if isinstance(model, Network):
        outputs = model.layers[-1].out_features
    else:

        def outputs(x: Tensor) -> int:
            shape = predict_in_chunks(model, x).shape
            return shape[-1] if len(shape) > 1 else 0

    return DataSpec(**vars(spec), outputs=outputs, targets=targets, where=where)
