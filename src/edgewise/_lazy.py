"""Names of a package that are imported when they are first asked for, so that importing the package stays quick."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any


def lazy_names(package: str, places: Mapping[str, str]) -> Callable[[str], Any]:
    """Make the `__getattr__` of a package (PEP 562).

    Args:
        package: Its dotted name.
        places: For each name the module within the package that defines it; "" where the name is itself a module. A
            function must not be called as its module: once that is imported, the name would give the module.

    Example:
        >>> lazy_names("edgewise", {"solve": "pde"})("solve").__name__
        'solve'
    """

    def find(name: str) -> Any:
        place = places.get(name)
        if place is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = importlib.import_module(f"{package}.{place or name}")
        return getattr(module, name) if place else module

    return find
