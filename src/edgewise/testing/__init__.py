"""Laws that every function, layer, start value and verb of edgewise keeps; run them on your own parts.

A law is a plain function that raises `AssertionError` with a sentence on what is wrong. No test runner is
needed.
"""

from .compare import check_same_function as check_same_function
from .compare import state_bits as state_bits
from .functions import check_function as check_function
from .initialisation import check_initialisation as check_initialisation
from .layers import check_layer as check_layer
from .require import require as require
from .side_effects import check_quiet as check_quiet
from .verbs import check_verb as check_verb
