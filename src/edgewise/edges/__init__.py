"""Sums over a layer's edges: one operation, several implementations, every derivative."""

from .autograd import edge_sums
from .bases import BASES, BaseFunction
from .bases import base_values as base_values
from .covariance import edge_variances as edge_variances
from .covariance import feature_covariance as feature_covariance
from .native import AVAILABLE as AVAILABLE
from .native import fit_programs as fit_programs
from .plain import PLAIN_TYPES as PLAIN_TYPES
from .plain import are_plain as are_plain
from .plain import is_observed as is_observed
from .plain import is_plain as is_plain
from .spec import EdgeSpec, EdgeWeights

__all__ = [
    "BASES",
    "BaseFunction",
    "EdgeSpec",
    "EdgeWeights",
    "edge_sums",
]
