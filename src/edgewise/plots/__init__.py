"""Pictures: a network, one of its edges, the course of a fit; drawing needs matplotlib, the extra `plot`.

`scene` computes the picture of a network as plain numbers and needs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import lazy_names
from .network import plot
from .scene import Scene, scene

if TYPE_CHECKING:
    from .edge import plot_edge as plot_edge
    from .history import plot_history as plot_history
    from .painter import draw as draw
    from .solution import plot_solution as plot_solution

__all__ = [
    "Scene",
    "draw",
    "plot",
    "plot_edge",
    "plot_history",
    "plot_solution",
    "scene",
]

__getattr__ = lazy_names(
    __name__, {"draw": "painter", "plot_edge": "edge", "plot_history": "history", "plot_solution": "solution"}
)
