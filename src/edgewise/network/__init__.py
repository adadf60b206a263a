"""Networks: layers of edges and nodes, the window inside them, surgery, grids and files."""

from .build import build as build
from .files.saving import load as load
from .files.saving import save as save
from .grids import Refined as Refined
from .grids import refine as refine
from .grids import update_grid as update_grid
from .layer import EdgeKind as EdgeKind
from .layer import Layer as Layer
from .network import Edge as Edge
from .network import Network as Network
from .scaler import Scaler as Scaler
from .surgery import add_to_biases as add_to_biases
from .surgery import adopt as adopt
from .surgery import deepen as deepen
from .surgery import duplicate as duplicate
from .surgery import mask_edges as mask_edges
from .surgery import select_nodes as select_nodes
from .surgery import set_formula as set_formula
from .surgery import set_formulas as set_formulas
from .surgery import swap as swap
from .surgery import unset_formula as unset_formula
from .surgery import widen as widen
from .trace import LayerTrace as LayerTrace
from .trace import Trace as Trace
from .trace import trace as trace
