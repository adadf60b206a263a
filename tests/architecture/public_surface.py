"""What users are given, one name to a line, with its arguments. To renew the snapshot:

python tests/architecture/public_surface.py > tests/architecture/public_surface.txt
"""

from __future__ import annotations

import enum
import importlib
import inspect
import sys
import types
from collections.abc import Iterator

PARTS = (
    "datasets events explain exports functions layers network optim pde plots spline testing train estimators"
)


def described(name: str, value: object) -> str:
    """A name with its arguments, if it is called."""
    # On Python 3.10 an alias such as tuple[int, int] passes for a class.
    alias = isinstance(value, types.GenericAlias)
    quiet = alias or (isinstance(value, type) and issubclass(value, (enum.Enum, BaseException)))
    if not (inspect.isfunction(value) or inspect.isclass(value)) or quiet:
        return name
    try:
        return f"{name}{inspect.signature(value)}"
    except (TypeError, ValueError):
        return name


def methods(name: str, kind: type) -> Iterator[str]:
    """What a class of ours defines itself, below its name."""
    for method, value in sorted(vars(kind).items()):
        if method.startswith("_"):
            continue
        if isinstance(value, property):
            yield f"{name}.{method}"
        elif isinstance(value, (classmethod, staticmethod)) or inspect.isfunction(value):
            yield f"{name}.{method}{inspect.signature(getattr(value, '__func__', value))}"


def surface() -> Iterator[str]:
    """Every line of the snapshot."""
    edgewise = importlib.import_module("edgewise")
    for name in dir(edgewise):
        yield described(f"edgewise.{name}", getattr(edgewise, name))
    for kind in (edgewise.KAN, edgewise.Network):
        yield from methods(f"edgewise.{kind.__name__}", kind)
    for part in sorted(PARTS.split()):
        package = importlib.import_module(f"edgewise.{part}")
        for name in sorted(getattr(package, "__all__", vars(package))):
            value = getattr(package, name)
            own = hasattr(package, "__all__") or getattr(value, "__module__", "") == package.__name__
            if own and not name.startswith("_") and name not in dir(edgewise):
                yield described(f"edgewise.{part}.{name}", value)


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in surface())
