"""From data to formulas: searches of many kinds, one judge, laws with verdicts and error bars."""

from .clock import measure_time_by as measure_time_by
from .derivatives import Motion, derivatives
from .discover import discover
from .discoveries import Discoveries
from .given import Weighted
from .law import Law
from .numbers import Numbers
from .polish import Fit
from .result import Discovery
from .rivals import Rival
from .snapping import Constant
from .splines import SplineNetwork
from .split import Split
from .stability import Stability, stability
from .text import latex_name as latex_name
from .text import plain_name as plain_name

__all__ = [
    "Constant",
    "Discoveries",
    "Discovery",
    "Fit",
    "Law",
    "Motion",
    "Numbers",
    "Rival",
    "SplineNetwork",
    "Split",
    "Stability",
    "Weighted",
    "derivatives",
    "discover",
    "stability",
]
