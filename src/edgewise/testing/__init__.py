"""Checks that every function, layer, initialisation and verb of edgewise passes; run them on your own parts.

A check is a plain function that raises `AssertionError` with a sentence on what is wrong. No test runner is
needed.
"""

from .chebyshev_layer import ChebyshevLayer
from .compare import check_same_function, state_bits
from .edge_layers import check_edge_layer
from .functions import check_function
from .initialisation import check_initialisation
from .layers import check_layer
from .require import require
from .side_effects import check_quiet
from .verbs import check_verb

__all__ = [
    "ChebyshevLayer",
    "check_edge_layer",
    "check_function",
    "check_initialisation",
    "check_layer",
    "check_quiet",
    "check_same_function",
    "check_verb",
    "require",
    "state_bits",
]
