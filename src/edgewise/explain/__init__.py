"""Looking inside a network: attribution, pruning, symbolic search and formulas."""

from .attribution import Scores as Scores
from .attribution import attribute as attribute
from .prune import Pruned as Pruned
from .prune import prune as prune
from .prune import prune_edges as prune_edges
from .prune import prune_inputs as prune_inputs
