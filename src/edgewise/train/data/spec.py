"""What a model and a loss ask of the data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from ...network import Network
from ..objective.loss import Loss
from ..outputs import predict_in_chunks


@dataclass(frozen=True)
class DataSpec:
    """What the model and the loss ask of the data.

    Args:
        dtype: Floating type of the model.
        device: Device of the model.
        inputs: Columns the model takes; None when unknown.
        outputs: Columns it gives, 0 for a flat vector of predictions; a function of some inputs that
            tells; or None when unknown.
        targets: As `Loss.targets`, or "unknown" while the loss is not known.
        names: The model's names of its columns, or None.
        where: Name of the function the user called, for messages.
    """

    dtype: torch.dtype = torch.float32
    device: torch.device | str = "cpu"
    inputs: int | None = None
    outputs: int | Callable[[Tensor], int] | None = None
    targets: str = "values"
    names: tuple[str, ...] | None = None
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
        >>> data_spec(torch.nn.Linear(2, 1)).targets
        'unknown'
    """
    targets = "unknown" if loss is None else loss.targets
    if model is None:
        return DataSpec(targets="values" if loss is None else targets, where=where)
    tensors = [t for t in (*model.parameters(), *model.buffers()) if t.is_floating_point()]
    dtype = tensors[0].dtype if tensors else torch.get_default_dtype()
    device = tensors[0].device if tensors else torch.device("cpu")
    if isinstance(model, Network):
        outputs = model.layers[-1].out_features
        return DataSpec(dtype, device, model.n_columns, outputs, targets, model.input_names, where)

    def outputs_at(x: Tensor) -> int:
        shape = predict_in_chunks(model, x).shape
        return shape[-1] if len(shape) > 1 else 0

    return DataSpec(dtype, device, None, outputs_at, targets, None, where)
