"""Arguments that a function does not have: an error that says what they were meant to be."""

from __future__ import annotations

import difflib
import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import ParamSpec, TypeVar

from .errors import InputError

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")
_NONE: Mapping[str, str] = MappingProxyType({})


def refusing_unknown(
    where: str, of_pykan: Mapping[str, str] = _NONE
) -> Callable[[Callable[_Arguments, _Result]], Callable[_Arguments, _Result]]:
    """Give a function a helpful error for arguments that it does not have; its signature stays.

    Args:
        where: The name that users know the function by.
        of_pykan: What there is in place of arguments that pykan has.

    Example:
        >>> make = refusing_unknown("KAN")(lambda grid, k: grid)
        >>> make(gird=3, k=3)
        Traceback (most recent call last):
            ...
        edgewise.errors.InputError: KAN: arguments must be among grid, k; got gird. Did you mean grid?
    """

    def refusing(function: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
        signature = inspect.signature(function)

        @functools.wraps(function)
        def checked(*arguments: _Arguments.args, **settings: _Arguments.kwargs) -> _Result:
            refuse_unknown(where, settings, signature.parameters, of_pykan)
            try:
                signature.bind(*arguments, **settings)
            except TypeError as error:
                raise InputError(f"{where}: arguments must fit; {error}. See help({where}).") from None
            return function(*arguments, **settings)

        return checked

    return refusing


def refuse_unknown(
    where: str, given: Iterable[str], known: Iterable[str], of_pykan: Mapping[str, str] = _NONE
) -> None:
    """Raise an error for the first argument that is not known, with what is near it.

    Args:
        where: Whose arguments they are.
        given: Names of arguments.
        known: Those that there are.
        of_pykan: What there is in place of arguments that pykan has.

    Raises:
        InputError: an argument is not known.

    Example:
        >>> refuse_unknown("KAN", ["gird"], ["grid", "k"])
        Traceback (most recent call last):
            ...
        edgewise.errors.InputError: KAN: arguments must be among grid, k; got gird. Did you mean grid?
    """
    names = frozenset(known)
    for name in given:
        if name in names:
            continue
        near = difflib.get_close_matches(name, sorted(names), n=1)
        if name in of_pykan:
            advice = f"In place of pykan's {name} there is {of_pykan[name]}."
        else:
            advice = f"Did you mean {near[0]}?" if near else "Leave it out."
        raise InputError(f"{where}: arguments must be among {', '.join(sorted(names))}; got {name}. {advice}")
