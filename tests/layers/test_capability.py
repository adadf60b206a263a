"""Capabilities: found by kind, refused with a sentence on which layer and what to do."""

from __future__ import annotations

import pytest

from edgewise.errors import InputError
from edgewise.layers import KANLayer, LinearEdgeLayer, capability


class Other(KANLayer):
    """A kind of its own."""


def counted():
    @capability("have knots to count", "Use a KANLayer.")
    def count(layer: LinearEdgeLayer, more: int = 0) -> int:
        """Count the knots."""
        raise NotImplementedError

    return count


def test_the_implementation_of_the_nearest_kind_is_used():
    count = counted()
    count.register(KANLayer)(lambda layer, more=0: layer.knots.shape[1] + more)
    assert count(KANLayer(1, 1, grid=5, k=3), 1) == 13
    assert count(Other(1, 1, grid=5, k=3)) == 12
    count.register(Other)(lambda layer, more=0: -1)
    assert count(Other(1, 1)) == -1
    assert count(KANLayer(1, 1, grid=5, k=3)) == 12


def test_it_keeps_name_and_docstring_of_its_stub():
    assert counted().__name__ == "count"
    assert counted().__doc__ == "Count the knots."


def test_what_a_kind_cannot_is_refused_with_advice():
    count = counted()
    assert not count.supports(KANLayer(1, 1))
    with pytest.raises(
        InputError, match=r"count: the layer of edges must have knots to count; got a KANLayer.*Use a"
    ):
        count(KANLayer(1, 1))
    count.register(Other)(lambda layer, more=0: 0)
    count.require("tell", [Other(1, 1)])
    with pytest.raises(
        InputError, match="tell: layer 1 must have knots to count; got a KANLayer, which cannot"
    ):
        count.require("tell", [Other(1, 1), KANLayer(1, 1)])
