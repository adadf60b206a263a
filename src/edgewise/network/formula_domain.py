"""The domains of the functions of a network's formula edges."""

from __future__ import annotations

import torch
from torch import Tensor

from ..functions import Function
from .layer import Layer
from .network import Network
from .walk import walk


@torch.no_grad()
def defined_rows(model: Network, x: Tensor) -> Tensor:
    """Samples (batch,) at which the arguments of all formula edges lie in their functions' domains.

    Args:
        model: Not modified.
        x: Samples, shape (batch, n_columns).

    Example:
        >>> from edgewise.network import build, set_formula
        >>> model = set_formula(build([1, 1]), (0, 0, 0), "log", (1.0, 0.0, 1.0, 0.0))
        >>> defined_rows(model, torch.tensor([[-1.0], [1.0]]))
        tensor([False,  True])
    """
    fine = torch.ones(len(x), dtype=torch.bool, device=x.device)
    for _, layer, h in walk(model, x):
        for function, argument in formula_arguments(layer, h):
            fine &= in_domain(function, argument)
    return fine & torch.isfinite(layer(h)).all(-1)


def in_domain(function: Function, argument: Tensor) -> Tensor:
    """Where the function is defined and finite, elementwise."""
    within = torch.zeros_like(argument, dtype=torch.bool)
    for low, high in function.domain:
        within |= (argument >= low) & (argument <= high)
    return within & torch.isfinite(function.fn(argument))


def formula_arguments(layer: Layer, h: Tensor) -> list[tuple[Function, Tensor]]:
    """Function and argument a x + b (batch,) of every formula edge of a layer."""
    formula = layer.formula
    rows = zip(formula.functions, formula.edge_index[:, 0].tolist(), formula.constants.detach(), strict=True)
    return [(function, affine[0] * h[:, i] + affine[1]) for function, i, affine in rows]
