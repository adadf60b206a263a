"""The Jacobian of any module's outputs in its parameters; that of a network by its own rule."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ...errors import InputError
from ...network import has_jacobian, output_jacobian
from ...optim import DenseJacobian, SparseRows


def module_jacobian(
    model: nn.Module, x: Tensor, parameters: Sequence[nn.Parameter]
) -> tuple[Tensor, DenseJacobian | SparseRows]:
    """Outputs at `x`, and their derivatives in the parameters.

    Networks of spline edges go by the chain rule over their edges; any other module by torch's own
    transforms, sample by sample at once, so its samples must not depend on each other.

    Args:
        model: Any module from (batch, columns) to (batch, outputs) or (batch,).
        x: Inputs, shape (batch, columns).
        parameters: Of the model, in the order wanted.

    Returns:
        Outputs, and a Jacobian of one row to an output of a sample.

    Raises:
        InputError: a parameter is not the model's.

    Example:
        >>> model = nn.Linear(3, 2)
        >>> outputs, jacobian = module_jacobian(model, torch.ones(5, 3), list(model.parameters()))
        >>> outputs.shape, jacobian.shape
        (torch.Size([5, 2]), (10, 8))
    """
    if isinstance(model, nn.Module) and has_jacobian(model):
        return output_jacobian(model, x, parameters)  # type: ignore[arg-type]
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    if any(id(parameter) not in names for parameter in parameters):
        raise InputError(
            "module_jacobian: parameters must be the model's own; got another. Take them from model.parameters()."
        )
    chosen = {names[id(parameter)]: parameter.detach() for parameter in parameters}

    def one(values: dict[str, Tensor], sample: Tensor) -> tuple[Tensor, Tensor]:
        result = torch.func.functional_call(model, values, (sample[None],))[0].reshape(-1)
        return result, result

    slopes, outputs = torch.func.vmap(torch.func.jacrev(one, has_aux=True), (None, 0))(chosen, x)
    blocks = [slopes[name].flatten(2) for name in chosen]
    matrix = torch.cat(blocks, 2)
    return outputs, DenseJacobian(matrix.flatten(0, 1))
