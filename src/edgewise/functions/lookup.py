"""`get_function`: a function by its name."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import unknown_name
from .families import family_member
from .function import Function
from .library import ALIASES, LIBRARY


def get_function(name: str | Function, extra: Mapping[str, Function] | None = None) -> Function:
    """Look a function up by name.

    Args:
        name: A name in `LIBRARY`, "x^0.5" or "1/x^0.5" (for "sqrt" and "1/sqrt(x)"), that of a power or a
            polynomial, such as "x^0.6" or "x^3-2*x", or a name in `extra`. A `Function` is returned unchanged.
        extra: Functions that you defined, by name; the library's names come first.

    Returns:
        The function.

    Raises:
        UnknownName: There is no such function.

    Example:
        >>> get_function("x^0.5")
        Function('sqrt')
    """
    if isinstance(name, Function):
        return name
    known = {**(extra or {}), **LIBRARY}
    found = known.get(ALIASES.get(name, name)) if isinstance(name, str) else None
    if found is None and isinstance(name, str):
        found = family_member(name)
    if found is None:
        error = unknown_name("get_function", "name", name, known)
        raise type(error)(f"{error} Functions of your own are made by make_function.")
    return found
