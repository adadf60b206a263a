"""From edges to formulas: search, choice, suggestions, fixing, symbolification, and the formula itself.

The last lives in `.formula`, which is not imported here: only it needs sympy.
"""

from .edge_search.search import SearchResult as SearchResult
from .edge_search.search import search as search
from .fix import fix as fix
from .fix import unfix as unfix
from .noise import estimate_noise as estimate_noise
from .refit import Refit as Refit
from .refit import refit as refit
from .suggest import Suggestion as Suggestion
from .suggest import Suggestions as Suggestions
from .suggest import suggest as suggest
from .suggest import suggest_all as suggest_all
from .symbolify import Symbolified as Symbolified
from .symbolify import symbolify as symbolify
from .verdict import Judgement as Judgement
