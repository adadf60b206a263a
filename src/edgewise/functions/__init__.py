"""The functions that formula edges carry: a read-only library, and how to add your own."""

from .function import Function as Function
from .library import LIBRARY as LIBRARY
from .library import get_function as get_function
from .user_function import make_function as make_function
