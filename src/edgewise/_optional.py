"""Import an optional package, or say which extra brings it."""

from __future__ import annotations

import importlib
from types import ModuleType

from .errors import MissingExtra


def optional(package: str, extra: str, purpose: str) -> ModuleType:
    """Import `package`, or raise `MissingExtra` naming the pip command that brings it.

    Example:
        >>> optional("math", "symbolic", "arithmetic").sqrt(4.0)
        2.0
    """
    try:
        return importlib.import_module(package)
    except ImportError as error:
        raise MissingExtra(
            f"{purpose} needs the package {package}, which is not installed. "
            f"Run: pip install 'edgewise[{extra}]'"
        ) from error
