"""Description length: how many bits a function and its misfit take, by which fits are ranked."""

from __future__ import annotations

import torch
from torch import Tensor

from ....functions import Function
from .search import SearchResult

_BITS_PER_COMPLEXITY = 1.0
_BITS_PER_CONSTANT = 2.0
_ROUNDING = 1e-14  # share of variance that the rounding of float32 curves leaves
_CONSTANTS = {"zero": 1, "linear": 2, "power": 3, "log": 3, "exp": 3, "periodic": 4, "full": 4}


def function_bits(function: Function) -> float:
    """Length of a function in bits: one per unit of complexity and two per constant to be fitted.

    Example:
        >>> from edgewise.functions import LIBRARY
        >>> function_bits(LIBRARY["x"]), function_bits(LIBRARY["x^2"]), function_bits(LIBRARY["sin"])
        (5.0, 8.0, 10.0)
    """
    return _BITS_PER_COMPLEXITY * function.complexity + _BITS_PER_CONSTANT * _CONSTANTS[function.kind]


def description_lengths(found: SearchResult) -> Tensor:
    """Length in bits of every function on every edge: shorter is better.

    The length is log2(share of the edge's variance left unexplained) + function_bits: a function that is one bit
    dearer must halve the unexplained variance to be preferred. With one bit to a unit of complexity and two
    to a constant, `sin` must leave 32 times less than a straight line, and a quarter of what `x^2` leaves,
    which it holds as a limit. The logarithm makes the rule the same for rough and for nearly exact curves;
    below 1e-14 all fits count as exact. The weights were set on curves of all library functions projected
    on splines of 3, 5 and 10 intervals: more weight on simplicity loses true functions, less loses to
    look-alikes with more constants.

    Args:
        found: Fits of F functions to E edges.

    Returns:
        Bits (E, F); inf where a function cannot be used.
    """
    prices = torch.tensor([function_bits(function) for function in found.functions], dtype=torch.float64)
    unusable = torch.isnan(found.affine[:, :, 0])
    return torch.where(unusable, torch.inf, torch.log2(found.unexplained + _ROUNDING) + prices)


def rank(found: SearchResult) -> Tensor:
    """Order of the functions for every edge, best first (E, F); ties keep the order of the library.

    Example:
        >>> from edgewise.functions import LIBRARY
        >>> from edgewise.explain.symbolic.edge_search.search import search
        >>> x = torch.linspace(-1, 1, 50, dtype=torch.float64)[:, None]
        >>> found = search(x, torch.sin(3 * x), [LIBRARY[name] for name in ("x", "cos", "sin", "x^3")])
        >>> [found.functions[i].name for i in rank(found)[0]]
        ['cos', 'sin', 'x', 'x^3']
    """
    return (description_lengths(found) * 100).round().sort(dim=1, stable=True).indices
