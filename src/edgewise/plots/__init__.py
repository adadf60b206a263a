"""Pictures: a network, one of its edges, the course of a fit. Needs matplotlib, the extra `plot`."""

from .edge import plot_edge
from .history import plot_history
from .network import plot
from .solution import plot_solution

__all__ = [
    "plot",
    "plot_edge",
    "plot_history",
    "plot_solution",
]
