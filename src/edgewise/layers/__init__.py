"""Layers: learnable spline edges, formula edges, nodes, and start values."""

from .base import BASES as BASES
from .formula_layer import FormulaLayer as FormulaLayer
from .init import INITIALISATIONS as INITIALISATIONS
from .init import LayerShape as LayerShape
from .init import Start as Start
from .init import glorot as glorot
from .init import paper as paper
from .init import power as power
from .kan_layer import KANLayer as KANLayer
from .nodes import NodeLayer as NodeLayer
