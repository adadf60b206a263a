"""Layers: learnable edges, formula edges, nodes, and initialisation."""

from ..edges import BASES
from .base import Base as Base
from .capability import Capability, capability
from .edge_layer import EDGE_LAYERS as EDGE_LAYERS
from .edge_layer import LinearEdgeLayer, register_kind
from .edge_layer import feature_statistics as feature_statistics
from .edge_settings import DEFAULTS as DEFAULTS
from .edge_settings import BaseName as BaseName
from .edge_settings import EdgeSettings
from .edge_settings import ExtrapolationName as ExtrapolationName
from .edge_settings import InitialisationName as InitialisationName
from .formula_layer import FormulaLayer
from .init import INITIALISATIONS, LayerShape, Start, glorot, paper, power
from .init import Initialisation as Initialisation
from .init import find_initialisation as find_initialisation
from .kan_layer import KANLayer
from .nodes import NodeLayer
from .product_start import ProductStart as ProductStart
from .reinitialise import reinitialise_ as reinitialise_
from .structure import StructuredModule as StructuredModule

__all__ = [
    "BASES",
    "INITIALISATIONS",
    "Capability",
    "EdgeSettings",
    "FormulaLayer",
    "KANLayer",
    "LayerShape",
    "LinearEdgeLayer",
    "NodeLayer",
    "Start",
    "capability",
    "glorot",
    "paper",
    "power",
    "register_kind",
]
