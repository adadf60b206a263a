"""The functions available to formula edges: a read-only library, and how to add your own."""

from .families import POLYNOMIALS as POLYNOMIALS
from .families import POWERS as POWERS
from .families import family_member as family_member
from .families import polynomial, power
from .families import simple_fraction as simple_fraction
from .function import Family as Family
from .function import Function
from .function import Interval as Interval
from .library import LIBRARY
from .lookup import get_function
from .safe_functions import exp_limit as exp_limit
from .safe_functions import pole_margin as pole_margin
from .safe_functions import unit_margin as unit_margin
from .user_function import make_function

__all__ = [
    "LIBRARY",
    "Function",
    "get_function",
    "make_function",
    "polynomial",
    "power",
]
