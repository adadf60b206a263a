"""From edges to formulas: search, choice, suggestions, fixing, symbolification, and the formula itself."""

from .fix import fix as fix
from .fix import unfix as unfix
from .formula import Formula as Formula
from .formula import formula as formula
from .refit import Refit as Refit
from .refit import refit as refit
from .search import SearchResult as SearchResult
from .search import search as search
from .suggest import Suggestion as Suggestion
from .suggest import Suggestions as Suggestions
from .suggest import suggest as suggest
from .symbolify import symbolify as symbolify
