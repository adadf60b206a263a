"""The errors edgewise raises: each says what must hold, what was got and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class EdgewiseError(Exception):
    """Root of every error raised on purpose by edgewise."""


class InputError(EdgewiseError, ValueError):
    """An argument does not hold what the function asks of it."""


class ShapeError(InputError):
    """A tensor or array has the wrong shape."""


class UnknownName(InputError):
    """A name is not among the choices."""


class NotAFormula(EdgewiseError):
    """A formula was asked of a network that still has spline edges."""


class FileError(EdgewiseError, ValueError):
    """A model file is damaged, foreign, or needs something that was not given."""


class Cancelled(EdgewiseError):
    """A verb was cancelled by whoever listens to it, before there was anything to give back."""


class MissingExtra(EdgewiseError, ImportError):
    """An optional package is needed and is not installed."""


class TableWarning(UserWarning):
    """Something in a table may make a model or its predictions wrong: a leak, levels never seen, values far outside."""


def unknown_name(where: str, what: str, got: object, choices: Iterable[str]) -> UnknownName:
    """Build the error for a name that is not among `choices`, with the nearest ones as advice.

    Example:
        >>> str(unknown_name("fit", "opt", "Adm", ["Adam", "LBFGS"]))
        "fit: opt must be one of Adam, LBFGS; got 'Adm'. Did you mean 'Adam'?"
    """
    names = sorted(choices)
    near = difflib.get_close_matches(str(got), names, n=1)
    advice = f"Did you mean {near[0]!r}?" if near else "Pick one of the names listed."
    return UnknownName(f"{where}: {what} must be one of {', '.join(names)}; got {got!r}. {advice}")
