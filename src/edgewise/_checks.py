"""Checks of plain arguments: whole numbers, numbers, seeds and functions, each named in its error."""

from __future__ import annotations

import math
from numbers import Integral, Real

import torch

from .errors import InputError


def is_number(value: object) -> bool:
    """Whether a value is a real number; True and False are none, as they stand for a mistake.

    Example:
        >>> is_number(0.5), is_number(True)
        (True, False)
    """
    return isinstance(value, Real) and not isinstance(value, bool)


def is_int(value: object) -> bool:
    """Whether a value is a whole number of a whole type; 3.0 and True are none.

    Example:
        >>> is_int(3), is_int(3.0)
        (True, False)
    """
    return isinstance(value, Integral) and not isinstance(value, bool)


def check_int(name: str, value: object, least: int, most: float = math.inf, *, where: str = "fit") -> None:
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
        >>> check_int("steps", 20, 0)
    """
    if not (is_int(value) and least <= int(value) <= most):  # type: ignore[call-overload]
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


def as_generator(seed: int | torch.Generator) -> torch.Generator:
    """Give a generator with that seed, or `seed` itself when it is a generator.

    Raises:
        InputError: the seed is not a whole number of at least 0.

    Example:
        >>> as_generator(3).initial_seed()
        3
    """
    if isinstance(seed, torch.Generator):
        return seed
    try:
        return torch.Generator().manual_seed(as_int(seed, 0))
    except (ValueError, RuntimeError) as error:
        raise InputError(
            f"KAN: seed must be a whole number of at least 0; got {seed!r}. For example seed=0."
        ) from error


def as_int(value: object, least: int) -> int:
    """Give `value` as an int, or raise `ValueError` where it is no whole number of at least `least`.

    Example:
        >>> as_int(3.0, 1)
        3
    """
    try:
        whole = int(value)  # type: ignore[call-overload]
    except (TypeError, ValueError, OverflowError):
        whole = least - 1
    if isinstance(value, (bool, str)) or whole < least or whole != value:
        raise ValueError(value)
    return whole
