"""`fix` and `unfix`: make one edge a formula, or a spline again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

from ...functions import Function, get_function
from ...network import (
    Edge,
    Model,
    Network,
    duplicate,
    inputs_or_default,
    keep_replaced,
    set_formula,
    unset_formula,
)
from ..edge_fit import fit_edge_
from .curves import edge_curves, grid_curve
from .edge_search.evaluation import Groups, Target, evaluate
from .edge_search.search import search
from .network_views import float64_copy


def fix(
    model: Model,
    edge: Edge,
    function: str | Function,
    x: Any = None,
    *,
    a: float | None = None,
    b: float | None = None,
    c: float | None = None,
    d: float | None = None,
    hold: Iterable[str] | bool = (),
) -> Model:
    """Make one edge c f(a x + b) + d, with the constants that fit its curve best.

    Args:
        model: The network; it stays as it is. The edge may be a spline, a formula, or off.
        edge: Its address (layer, in, out).
        function: A library name, or a function of your own.
        x: Samples (n, input columns) to fit on; if None, the edge's own grid.
        a: Factor inside; fitted if neither a nor b is given, otherwise 1 by default.
        b: Shift inside; as a, otherwise 0 by default.
        c: Factor outside; fitted if None.
        d: Shift outside; fitted if None.
        hold: Constants that nothing is to change as long as the edge is this formula, as ("a", "b"): not `fit`, by any
            optimiser, nor `symbolify` or `merge_nodes`. "all" or True for all four, and the numbers of the function,
            such as an exponent. Those that are not given are held at what fits the curve.

    Returns:
        A new network, which keeps the one it came from as `replaced`, if that has no formula in place of a spline
        yet. The spline is kept underneath: `unfix` brings it back. An edge that is off has no
        curve: constants that are not given are 1, 0, 1, 0.

    Raises:
        UnknownName: When there is no such function.
        InputError: When there is no such edge, or the samples do not fit the model.

    Example:
        >>> import torch
        >>> from edgewise.network import build
        >>> fixed = fix(build([2, 1]), (0, 1, 0), "x^2", torch.rand(50, 2))
        >>> fixed.edge_kind(0, 1, 0)
        'formula'
    """
    model.check_edge(edge)
    function = get_function(function)
    given = (a, b, c, d)
    fitted: Tensor | list[float] = [1.0, 0.0, 1.0, 0.0]
    kind = model.edge_kind(*edge)
    to_its_curve = kind != "off" and None in given
    if to_its_curve:
        fitted = _fitted(model, edge, function, x, a, b)
    affine = [
        float(best) if value is None else float(value) for value, best in zip(given, fitted, strict=True)
    ]
    new = set_formula(model, edge, function, affine, hold=hold)
    if to_its_curve and kind != "formula" and new.replaced is None:
        keep_replaced(new, model)
    return new


def unfix(model: Model, edge: Edge, *, curve: bool = False) -> Model:
    """Make a formula edge a spline again.

    Args:
        model: The network; it stays as it is.
        edge: Its address (layer, in, out).
        curve: False brings back the spline as it was before the formula; True gives a spline fitted to the
            formula on the edge's grid.

    Returns:
        A new network.

    Raises:
        InputError: When the edge does not exist or is no formula.

    Example:
        >>> from edgewise.network import build
        >>> model = build([2, 1])
        >>> unfix(fix(model, (0, 0, 0), "sin"), (0, 0, 0)).edge_kind(0, 0, 0)
        'spline'
    """
    new = unset_formula(model, edge)
    if not curve:
        return new
    layer, i, j = edge
    work = duplicate(new).to(torch.float64)
    h, _ = grid_curve(work, edge)
    formula = float64_copy(model).layers[layer].formula
    with torch.no_grad():
        at = torch.zeros(len(h), formula.in_features, dtype=torch.float64)
        at[:, i] = h[:, 0]
        fit_edge_(new.layers[layer].basis, i, j, h, formula.edges(at)[:, i, j])
    return new


def _fitted(
    model: Network, edge: Edge, function: Function, x: Any, a: float | None, b: float | None
) -> Tensor:
    """Constants a, b, c, d (4,) that fit the edge's curve, with a and b as given."""
    work = float64_copy(model)
    if x is None and work.edge_kind(*edge) != "formula":
        inputs, outputs = grid_curve(work, edge)
    else:
        inputs, outputs = edge_curves(work, [(edge[0], edge[1], edge[2])], inputs_or_default(x, work, "fix"))
    if a is None and b is None:
        affine = search(inputs, outputs, [function]).affine[0, 0]
        if bool(affine.isfinite().all()):
            return affine
        return torch.stack([torch.ones(()), torch.zeros(()), torch.zeros(()), outputs.mean()])
    inner = torch.tensor([[1.0 if a is None else a, 0.0 if b is None else b]], dtype=torch.float64)
    outer = evaluate(Groups(((function, 1),)), inner, Target.of(inputs.T, outputs.T)).cd[0]
    return torch.cat([inner[0], outer])
