"""Grids: the policies by which they move, and refinement that keeps what was learnt."""

from .apply import GridMove as GridMove
from .apply import apply_to_network as apply_to_network
from .apply import move_grid as move_grid
from .apply import set_knots as set_knots
from .apply import update_grid as update_grid
from .policy import ALWAYS as ALWAYS
from .policy import GridPolicy as GridPolicy
from .policy import stretched_knots as stretched_knots
from .refine import Refined as Refined
from .refine import refine as refine
from .refine import refine_layer as refine_layer
