"""From data to formulas: searches of many kinds, one judge, laws with verdicts and error bars."""

from .discover import discover
from .law import Law
from .result import Discovery
from .snapping import Constant

__all__ = ["Constant", "Discovery", "Law", "discover"]
