"""Pictures: a network, one of its edges, the course of a fit. Needs matplotlib, the extra `plot`."""

from .draw import plot as plot
