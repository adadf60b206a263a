"""Capabilities: operations that only some kinds of edges support, implemented for each kind.

A capability is defined in the package that needs it and registered there for the layers that support it. For any
other layer it raises an `InputError` that says which layer, and what to do; callers for which it is optional check
`supports` first.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, cast

from ..errors import InputError
from .edge_layer import LinearEdgeLayer

P = ParamSpec("P")
R = TypeVar("R")
Kind = TypeVar("Kind", bound=LinearEdgeLayer)


class Capability(Generic[P, R]):
    """An operation on a layer of edges, implemented for some kinds of layers. Made by `capability`.

    Args:
        stub: Provides name, signature and docstring; its body is never run.
        needs: The condition for the error message, such as "have a grid that can be moved".
        advice: What to do if the layer does not support it.
    """

    def __init__(self, stub: Callable[Concatenate[Any, P], R], needs: str, advice: str) -> None:
        functools.update_wrapper(self, stub)
        self._needs, self._advice = needs, advice
        self._found: dict[type, Callable[Concatenate[Any, P], R]] = {}

    def register(
        self, kind: type[Kind]
    ) -> Callable[[Callable[Concatenate[Kind, P], R]], Callable[Concatenate[Kind, P], R]]:
        """Implement it for a kind of layer and its subclasses; a decorator."""

        def keep(function: Callable[Concatenate[Kind, P], R]) -> Callable[Concatenate[Kind, P], R]:
            self._found[kind] = function
            return function

        return keep

    def supports(self, layer: object) -> bool:
        """Whether the layer's kind has this ability."""
        return self._of(type(layer)) is not None

    def __call__(self, layer: LinearEdgeLayer, /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Do it, by the implementation of the layer's kind."""
        function = self._of(type(layer))
        if function is None:
            raise self._refused(cast(str, self.__name__), "the layer of edges", layer)  # type: ignore[attr-defined]
        return function(layer, *args, **kwargs)

    def require(self, where: str, layers: Iterable[object]) -> None:
        """Raise unless all of a network's layers of edges have this ability.

        Args:
            where: The verb that asks, for the message.
            layers: The layers of edges, in order.

        Raises:
            InputError: one of them lacks it; the message says which.
        """
        for l, layer in enumerate(layers):
            if not self.supports(layer):
                raise self._refused(where, f"layer {l}", layer)

    def _of(self, kind: type) -> Callable[Concatenate[Any, P], R] | None:
        return next((self._found[base] for base in kind.__mro__ if base in self._found), None)

    def _refused(self, where: str, what: str, layer: object) -> InputError:
        return InputError(
            f"{where}: {what} must {self._needs}; got a {type(layer).__name__}, which cannot. {self._advice}"
        )


def capability(needs: str, advice: str) -> Callable[[Callable[Concatenate[Any, P], R]], Capability[P, R]]:
    """Declare a capability of some kinds of layers, from a stub with its signature; a decorator.

    Args:
        needs: The condition for the error message, such as "have a grid that can be moved".
        advice: What to do if the layer does not support it.

    Example:
        >>> from edgewise.layers import KANLayer
        >>> @capability("have knots", "Use a KANLayer.")
        ... def count_knots(layer): "How many knots an edge has."
        >>> @count_knots.register(KANLayer)
        ... def _(layer): return layer.knots.shape[1]
        >>> count_knots(KANLayer(1, 1, grid=5, k=3)), count_knots.supports(object())
        (12, False)
    """
    return lambda stub: Capability(stub, needs, advice)
