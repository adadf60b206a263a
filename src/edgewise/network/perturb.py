"""`perturb`: edges that are off become small random curves, for a network to leave the formula it was made from."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable

import torch

from .._checks import as_generator, is_number
from ..errors import InputError
from .layer import Layer
from .network import Edge
from .surgery import Model, with_layers


def perturb(model: Model, scale: float = 0.1, *, edges: Iterable[Edge] | None = None, seed: int = 0) -> Model:
    """Turn edges on as small random curves.

    A network that was made from a formula has formulas on its edges and all others off: now a `fit` can find what the
    formula misses, and `prune` takes away what it did not need. Formulas, and edges that are on, stay as they are.

    Args:
        model: Not modified.
        scale: Deviation of the coefficients of the new curves; they are added up over all edges of a node.
        edges: Those to turn on, addresses (layer, in, out) of edges that are off; all that are off if None.
        seed: Seed of the coefficients.

    Raises:
        InputError: `scale` is not a positive number, or an edge does not exist or is not off.

    Example:
        >>> from edgewise.network import build, mask_edges
        >>> model = mask_edges(build([2, 1]), [(0, 1, 0)])
        >>> sorted(perturb(model, 0.01).active_edges())
        [(0, 0, 0), (0, 1, 0)]

    Source:
        Liu et al. 2024, "KAN 2.0", arXiv:2408.10205, section 4.2.
    """
    if not is_number(scale) or not 0 < scale < math.inf:
        raise InputError(f"perturb: scale must be a positive number; got {scale!r}. For example 0.1.")
    off = {
        (l, i, j)
        for l, layer in enumerate(model.layers)
        for i, j in ((layer.basis.mask == 0) & (layer.formula.mask == 0)).nonzero().tolist()
    }
    chosen = off if edges is None else {(int(l), int(i), int(j)) for l, i, j in edges}
    if not chosen <= off:
        raise InputError(
            f"perturb: edges must be off; got {min(chosen - off)}, which is a formula, on, or does not exist. Leave "
            f"edges out for all that are off."
        )
    generator = as_generator(seed)
    layers = [
        _perturbed(layer, [(i, j) for at, i, j in chosen if at == l], scale, generator)
        for l, layer in enumerate(model.layers)
    ]
    return with_layers(model, layers)


def _perturbed(layer: Layer, cells: list[tuple[int, int]], scale: float, generator: torch.Generator) -> Layer:
    basis = layer.basis
    here = torch.zeros(basis.mask.shape, dtype=torch.bool, device=basis.device)
    for i, j in cells:
        here[i, j] = True
    silent = copy.deepcopy(basis).silence_()
    noise = torch.randn(basis.coef.shape, generator=generator, dtype=torch.float64).to(basis.coef)
    new = {}
    for name in basis.edge_tensors:
        old = getattr(basis, name).detach()
        fresh = scale * noise if name == "coef" else getattr(silent, name).detach()
        fresh = torch.ones_like(old) if name == "mask" else fresh
        new[name] = torch.where(here if old.ndim == 2 else here[:, None], fresh, old)
    return Layer(basis.with_tensors(**new), copy.deepcopy(layer.formula), copy.deepcopy(layer.nodes))
