"""`make_function`: make a `Function` from a user's callable, deriving a safe version if none is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import inf, isfinite
from typing import Any

import torch
from torch import Tensor

from ..errors import InputError
from .families import family_member
from .function import WHOLE_LINE, Elementwise, Function, Interval
from .library import ALIASES, LIBRARY
from .safe_functions import unit_margin


class _FiniteGradient(torch.autograd.Function):
    """The identity, through which a gradient that is not finite comes back as 0."""

    @staticmethod
    def forward(x: Tensor) -> Tensor:
        return x.view_as(x)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor], output: Tensor) -> None:
        pass

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        return grads[0].nan_to_num(nan=0.0, posinf=0.0, neginf=0.0)

    @staticmethod
    def vmap(info: Any, in_dims: tuple[int | None, ...], *args: Tensor) -> tuple[Tensor, int | None]:
        return _FiniteGradient.apply(args[0]), in_dims[0]


def _inset(low: float, high: float, dtype: torch.dtype) -> float:
    size = max(1.0, *(abs(end) for end in (low, high) if isfinite(end)), 1.0)
    return min(unit_margin(dtype) * size, (high - low) / 4)


def _nearest(x: Tensor, domain: tuple[Interval, ...]) -> Tensor:
    """The point nearest to `x` that is in the domain and not next to an end of it."""
    best, best_distance = x, x.new_full((), inf)
    for low, high in domain:
        inset = _inset(low, high, x.dtype)
        distance = (x - x.clamp(low, high)).abs()
        nearer = distance < best_distance
        best = torch.where(nearer, x.clamp(low + inset, high - inset), best)
        best_distance = torch.where(nearer, distance, best_distance)
    return best


def guarded(x: Tensor, fn: Elementwise, domain: tuple[Interval, ...]) -> Tensor:
    """`fn` at the nearest point of its domain, with 0 for values and gradients that are not finite.

    Example:
        >>> guarded(torch.tensor([4.0, -1.0]), torch.sqrt, WHOLE_LINE).tolist()
        [2.0, 0.0]
    """
    inside = x if domain == WHOLE_LINE else _nearest(x, domain)
    y = fn(_FiniteGradient.apply(inside))
    # A NaN that came in stays one: it is a fault of the data, not of the function.
    return torch.where(y.isfinite() | x.isnan(), y, 0.0)


def make_function(
    name: str,
    fn: Elementwise,
    *,
    domain: Sequence[Interval] = WHOLE_LINE,
    complexity: float = 2,
    sympy: Callable[[Any], Any] | None = None,
    safe: Elementwise | None = None,
) -> Function:
    """Make a `Function` out of your own callable, for formula edges and symbolic searches.

    Args:
        name: Any name that the library does not use.
        fn: Takes a tensor of any shape and returns one of the same shape, elementwise and differentiable.
        domain: Open intervals `(low, high)` on which `fn` is defined; arguments elsewhere are moved to the
            nearest point of the domain.
        complexity: Complexity of one use in a formula; a sine costs 2.
        sympy: Takes and returns a sympy expression; needed to print, derive or export formulas.
        safe: A version of `fn` that is finite, with a finite gradient, everywhere. By default it is `fn`
            with 0 instead of values and gradients that are not finite.

    Returns:
        The function. It can be pickled if `fn` (and `sympy`, `safe`) can: a `def` in a module, not a lambda.

    Raises:
        InputError: `name` is taken, `domain` is not made of intervals, or `fn` does not behave as described above.

    Example:
        >>> softplus = make_function("softplus", torch.nn.functional.softplus, complexity=3)
        >>> softplus.safe(torch.zeros(1))
        tensor([0.6931])
    """
    if not isinstance(name, str) or not name:
        raise InputError(f"make_function: name must be a word; got {name!r}. Give one such as 'softplus'.")
    if name in LIBRARY or name in ALIASES or family_member(name) is not None:
        raise InputError(
            f"make_function: name must not be the library's own; got {name!r}. Choose another, "
            f"or use get_function({name!r})."
        )
    if not complexity >= 0:
        raise InputError(f"make_function: complexity must be 0 or more; got {complexity}. A sine has 2.")
    intervals = _checked_domain(domain)
    _check_callable("fn", fn, intervals)
    if safe is None:
        safe = partial(guarded, fn=fn, domain=intervals)
    else:
        _check_callable("safe", safe, intervals)
    return Function(name, fn, safe, intervals, complexity, "full", sympy)


def _checked_domain(domain: Sequence[Interval]) -> tuple[Interval, ...]:
    advice = f"got {domain!r}. Write ((0, inf),) for the positive numbers."
    try:
        intervals = tuple((float(low), float(high)) for low, high in domain)
    except (TypeError, ValueError) as error:
        raise InputError(f"make_function: domain must be a tuple of (low, high) pairs; {advice}") from error
    if not intervals or not all(low < high for low, high in intervals):
        raise InputError(f"make_function: domain must have low < high in every pair; {advice}")
    return intervals


def _probe(domain: tuple[Interval, ...]) -> Tensor:
    """A few points of the first interval, near 1 where it is unbounded."""
    low, high = domain[0]
    if low == -inf:
        low = min(0.1, high - 1) if high < inf else 0.1
    if high == inf:
        high = low + 1.9
    return torch.linspace(low, high, 8, dtype=torch.float64)[1:-1].reshape(2, 3)


def _check_callable(argument: str, fn: Elementwise, domain: tuple[Interval, ...]) -> None:
    rule = f"make_function: {argument} must map a tensor to a tensor of the same shape, element by element"
    x = _probe(domain).requires_grad_()
    try:
        with torch.enable_grad():
            y = fn(x)
        alone = [fn(point) for point in x.detach().reshape(-1, 1)]
    except Exception as error:
        raise InputError(
            f"{rule}; it raised {type(error).__name__}: {error}. Use torch functions."
        ) from error
    if not isinstance(y, Tensor) or y.shape != x.shape:
        got = tuple(y.shape) if isinstance(y, Tensor) else type(y).__name__
        raise InputError(f"{rule}; got {got} for shape {tuple(x.shape)}. Use torch functions without sums.")
    if not torch.allclose(torch.cat(alone).reshape(x.shape), y.detach(), equal_nan=True):
        raise InputError(
            f"{rule}; got values that depend on the other elements or on chance. Use elementwise functions."
        )
    if not y.requires_grad:
        raise InputError(
            f"{rule}, with gradients; got a result without any. Leave out detach, numpy and item; "
            "write a constant as 0 * x + 3."
        )
