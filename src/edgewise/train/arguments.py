"""Checks of the plain arguments of `fit`: whole numbers, numbers and functions, each named in its error."""

from __future__ import annotations

import math
from numbers import Integral, Real

from ..errors import InputError


def is_number(value: object) -> bool:
    """Whether a value is a real number; True and False are none, as they stand for a mistake.

    Example:
        >>> is_number(0.5), is_number(True)
        (True, False)
    """
    return isinstance(value, Real) and not isinstance(value, bool)


def is_whole(value: object) -> bool:
    """Whether a value is a whole number of a whole type; 3.0 and True are none.

    Example:
        >>> is_whole(3), is_whole(3.0)
        (True, False)
    """
    return isinstance(value, Integral) and not isinstance(value, bool)


def check_whole(name: str, value: object, least: int, most: float = math.inf, *, where: str = "fit") -> None:
    """Refuse what is not a whole number in these bounds.

    Args:
        name: The argument.
        value: What was given.
        least: Smallest number allowed.
        most: Largest number allowed.
        where: Whose argument it is.

    Raises:
        InputError: it is something else.

    Example:
        >>> check_whole("steps", 20, 0)
    """
    if not (is_whole(value) and least <= int(value) <= most):  # type: ignore[call-overload]
        bound = f"of at least {least}" if most == math.inf else f"from {least} to {most}"
        raise InputError(
            f"{where}: {name} must be a whole number {bound}; got {value!r}. For example {name}=10."
        )


def check_callable(name: str, value: object, form: str) -> None:
    """Refuse what is neither None nor a function.

    Args:
        name: The argument of `fit`.
        value: What was given.
        form: How the function is called, for the error.

    Raises:
        InputError: it is something else.

    Example:
        >>> check_callable("callback", None, "callback(step, values)")
    """
    if value is not None and not callable(value):
        raise InputError(
            f"fit: {name} must be a function, called as {form}, or None; got {value!r}. "
            f"Pass the function itself, without calling it."
        )
