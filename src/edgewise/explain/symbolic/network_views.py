"""What the symbolic verbs read off a network: a float64 copy, samples, live edges, domains."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...errors import InputError, ShapeError
from ...functions import Function
from ...network import Edge, Layer, Model, Network, duplicate, walk
from ...spline import domain

_BOX_POINTS = 4096
_BOX_KEPT = 1000


def float64_copy(model: Model) -> Model:
    """An independent copy in float64 on the CPU."""
    return duplicate(model).to("cpu", torch.float64)


def decimals(values: Tensor) -> list[float]:
    """Numbers of a tensor, those of narrow dtypes as the shortest decimals that stand for them.

    Example:
        >>> decimals(torch.tensor([0.1, 2.5]))
        [0.1, 2.5]
    """
    flat = values.detach().cpu().reshape(-1)
    if flat.dtype == torch.float64:
        return flat.tolist()
    return [float(str(number)) for number in flat.float().numpy()]


def sample_inputs(where: str, model: Network, x: Any) -> Tensor:
    """Samples (n, input columns) in float64: those given, or points of the first layer's grid.

    Args:
        where: The verb, for error messages.
        model: A float64 network.
        x: A tensor, array or table; None for 1000 quasi-random points on the grid of the first layer on
            which all functions of the network are defined.
    """
    if x is None:
        return _box(model)
    values = x.detach().cpu() if isinstance(x, Tensor) else torch.as_tensor(np.array(x, dtype=np.float64))
    if values.ndim != 2 or values.shape[1] != model.n_columns or len(values) == 0:
        raise ShapeError(
            f"{where}: x must have shape (samples, {model.n_columns}), at least one sample; "
            f"got {tuple(values.shape)}. Pass the inputs the model was built for."
        )
    values = values.double()
    if not bool(torch.isfinite(values).all()):
        raise InputError(f"{where}: x must be finite; got NaN or inf. Drop or fill those rows.")
    return values


def reachable_edges(model: Network) -> list[Edge]:
    """Edges that are on and lead to an output, in order."""
    wanted = set(range(model.layers[-1].out_features))
    found: list[Edge] = []
    for l in reversed(range(model.depth)):
        layer = model.layers[l]
        subnodes = {member for node in wanted for member in layer.nodes.members(node)}
        on = (layer.basis.mask != 0) | (layer.formula.mask != 0)
        edges = [(l, i, j) for i, j in on.nonzero().tolist() if j in subnodes]
        found = edges + found
        wanted = {i for _, i, _ in edges}
    return found


def defined_rows(model: Network, x: Tensor) -> Tensor:
    """Samples (n,) at which the arguments of all formula edges lie in their functions' domains."""
    with torch.no_grad():
        fine = torch.ones(len(x), dtype=torch.bool)
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
    """Function and argument a x + b (n,) of every formula edge of a layer."""
    formula = layer.formula
    rows = zip(formula.functions, formula.edge_index[:, 0].tolist(), formula.affine.detach(), strict=True)
    return [(function, affine[0] * h[:, i] + affine[1]) for function, i, affine in rows]


def _box(model: Network) -> Tensor:
    spline = model.layers[0].basis
    low, high = (end.double() for end in domain(spline.knots, spline.k))
    unit = torch.quasirandom.SobolEngine(len(low)).draw(_BOX_POINTS, dtype=torch.float64)
    inside = low + (high - low) * unit
    if model.input_scaler is not None:
        inside = model.input_scaler.inverse(inside)
    x = torch.zeros(_BOX_POINTS, model.n_columns, dtype=torch.float64)
    x[:, model.columns] = inside
    fine = defined_rows(model, x)
    return x[fine][:_BOX_KEPT] if bool(fine.any()) else x[:_BOX_KEPT]
