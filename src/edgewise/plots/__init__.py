"""Pictures: a network, one of its edges, the course of a fit; drawing needs matplotlib, the extra `plot`.

`scene` computes the picture of a network as plain numbers and needs nothing.
"""

from .edge import plot_edge
from .history import plot_history
from .network import plot
from .painter import draw
from .scene import Scene, scene
from .solution import plot_solution

__all__ = [
    "Scene",
    "draw",
    "plot",
    "plot_edge",
    "plot_history",
    "plot_solution",
    "scene",
]
