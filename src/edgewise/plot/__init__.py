"""Pictures: a network, one of its edges, the course of a fit. Needs matplotlib, the extra `plot`."""

from .edge import plot_edge as plot_edge
from .history import plot_history as plot_history
from .network import plot as plot
from .solution import plot_solution as plot_solution
