"""Looking inside a network: attribution, pruning, symbolic search and formulas."""

from .attribution import Scores as Scores
from .attribution import attribute as attribute
from .prune import Pruned as Pruned
from .prune import prune as prune
from .prune import prune_edges as prune_edges
from .prune import prune_inputs as prune_inputs
from .symbolic import Formula as Formula
from .symbolic import Suggestions as Suggestions
from .symbolic import fix as fix
from .symbolic import formula as formula
from .symbolic import suggest as suggest
from .symbolic import symbolify as symbolify
from .symbolic import unfix as unfix
