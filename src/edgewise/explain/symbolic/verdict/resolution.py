"""Whether samples can tell a formula from others that agree with it at every sample."""

from __future__ import annotations

import torch
from torch import Tensor

from ....functions import Function
from ....network import Network, walk
from ..network_views import count_constants, edge_constants, reachable_edges
from .fresh_points import BETWEEN_STEPS, distinct_values, some_rows

_LARGEST_RATIO = 2.5  # a sine sampled at its Nyquist rate has 2.1, one of five samples a period 0.6
_SAMPLES_A_CONSTANT = 2


@torch.no_grad()
def turns_between_samples(model: Network, x: Tensor) -> str | None:
    """Name the first formula edge that turns between neighbouring values of its argument.

    A parabola through three neighbouring values tells a curve between them, unless the curve turns there: on
    integers, sin(6.27 x) is as slow as sin(-0.01 x). The error of the parabola is compared with its own bend,
    by their medians over the samples, so that single kinks and jumps do not count.

    Args:
        model: A float64 network on the CPU.
        x: Samples (n, input columns).

    Example:
        >>> from edgewise.network import build, set_formula
        >>> model = set_formula(build([1, 1], dtype=torch.float64), (0, 0, 0), "sin", (6.2715, 0, 1, 0))
        >>> turns_between_samples(model, torch.arange(10.0, dtype=torch.float64)[:, None])
        'sin of x_1'
    """
    live = set(reachable_edges(model))
    names = model.names
    for l, layer, h in walk(model, some_rows(x, 1000)):
        rows = zip(
            layer.formula.edge_index.tolist(), layer.formula.functions, layer.formula.constants, strict=True
        )
        for (i, j), function, affine in rows:
            bends = function.kind not in ("zero", "linear")
            if bends and (l, i, j) in live and _turns(function, affine, distinct_values(h[:, i])):
                return f"{function.name} of {names[i]}" if l == 0 else f"{function.name} on edge {(l, i, j)}"
    return None


def _turns(function: Function, affine: Tensor, values: Tensor) -> bool:
    if len(values) < 3:
        return False
    first, second, third = values[:-2], values[1:-1], values[2:]
    middle = second + BETWEEN_STEPS * (third - second)
    left, here, right, found = (
        function.fn(affine[0] * place + affine[1]) for place in (first, second, third, middle)
    )
    slope = (right - here) / (third - second)
    bend = (slope - (here - left) / (second - first)) / (third - first)
    line = here + BETWEEN_STEPS * (right - here)
    bent = bend * (middle - second) * (middle - third)
    fine = torch.isfinite(found) & torch.isfinite(line) & torch.isfinite(bent)
    if not bool(fine.any()):
        return False
    rounding = 1e-12 * float(torch.stack([left, here, right])[:, fine].abs().max())
    gap, own = (found - line - bent)[fine].abs().median(), bent[fine].abs().median()
    return bool(gap > _LARGEST_RATIO * own + rounding)


def too_few_values(model: Network, x: Tensor) -> str | None:
    """Say where there are not clearly more different samples than constants, or None.

    Counted are the rows that differ, against all constants; and the values that each column takes, against
    the constants of the edges that its influence runs through. A column that enters by straight lines alone
    needs two values.

    Args:
        model: A network.
        x: Samples (n, input columns).

    Example:
        >>> from edgewise.network import build, set_formula
        >>> model = set_formula(build([1, 1], dtype=torch.float64), (0, 0, 0), "sin")
        >>> too_few_values(model, torch.tensor([[0.0], [1.0], [2.0]], dtype=torch.float64))
        '3 different samples do not determine 4 constants'
    """
    total = count_constants(model)
    used, needed = x[:, model.columns], _SAMPLES_A_CONSTANT * total
    # Sorting all rows is slow: a few tell as a rule.
    rows = len(torch.unique(some_rows(used, 2 * needed + 2), dim=0))
    rows = rows if rows >= needed else len(torch.unique(used, dim=0))
    if total and rows < needed:
        noun = "sample does" if rows == 1 else "different samples do"
        return f"{rows} {noun} not determine {total} constant{'s' * (total > 1)}"
    for place, column in enumerate(model.columns.tolist()):
        constants, curved = _behind(model, place)
        values = len(distinct_values(x[:, column]))
        if constants and values < (_SAMPLES_A_CONSTANT * constants if curved else 2):
            noun = "value of" if values == 1 else "different values of"
            verb = "does" if values == 1 else "do"
            return f"{values} {noun} {model.names[place]} {verb} not determine {constants} constants"
    return None


def _behind(model: Network, place: int) -> tuple[int, bool]:
    """Constants of the edges that an input's influence runs through, and whether any bends."""
    live = reachable_edges(model)
    nodes, total, curved = {place}, 0, False
    for l, layer in enumerate(model.layers):
        edges = [(i, j) for at, i, j in live if at == l and i in nodes]
        for i, j in edges:
            found = layer.formula.get(i, j)
            constants = edge_constants(layer, i, j)
            total += constants if found is None or found[0].kind != "zero" else 0
            curved |= found is None or found[0].kind not in ("zero", "linear")
        reached = {j for _, j in edges}
        nodes = {n for n in range(layer.out_features) if reached & set(layer.nodes.members(n))}
        # The factors of one product bend, even where each of them is straight.
        curved |= any(
            len(reached & set(layer.nodes.members(n))) > 1 for n in nodes if len(layer.nodes.members(n)) > 1
        )
    return total, curved
