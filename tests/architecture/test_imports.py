"""What may import what by which name: parts through their `__init__`, pages and benchmarks public names only."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

from .source import PACKAGE, ROOT, Module, compare, modules, owner, parts

BLOCK = re.compile(r"^```(?:python|py|pycon)\n(.*?)^```", re.MULTILINE | re.DOTALL)
OUTSIDE = [
    ROOT / "README.md",
    *(file for place in ("docs", "examples", "benchmarks") for file in sorted((ROOT / place).rglob("*.*"))),
]


def deep_imports(module: Module) -> Iterator[str]:
    """Imports from a module inside another part, past that part's `__init__`."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.ImportFrom):
            continue
        reached = owner(module.base(node))
        if reached is None or reached.part in (module.part, "__init__.py"):
            continue
        if reached.name.count(".") > 1:
            yield f"{module.path} -> {reached.name}"
        elif (PACKAGE / reached.part).is_dir():
            exported = set(exported_names(reached))
            for alias in node.names:
                if alias.name not in exported and f"{reached.name}.{alias.name}" in modules():
                    yield f"{module.path} -> {reached.name}.{alias.name}"


def exported_names(package: Module) -> Iterator[str]:
    """Names that an `__init__` imports from its own modules."""
    for node in ast.walk(package.tree):
        if isinstance(node, ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)


def test_parts_are_imported_through_their_init():
    found = {line for module in modules().values() for line in deep_imports(module)}
    compare(found, "deep_imports", "import from the part itself; its __init__ exports what other parts need")


def test_a_deep_import_is_found():
    source = (
        "from ..spline.knots import uniform_knots\nfrom ..spline import basis\nfrom ..spline import knots\n"
    )
    assert (
        list(deep_imports(Module("network/invented.py", source)))
        == ["network/invented.py -> edgewise.spline.knots"] * 2
    )


def sources(file: Path) -> Iterator[str]:
    """The Python in a file: all of it, or the blocks of a page."""
    if file.suffix == ".py":
        yield file.read_text("utf-8")
    elif file.suffix == ".md":
        for block in BLOCK.findall(file.read_text("utf-8")):
            lines = [line.strip() for line in block.splitlines()] if ">>>" in block else block.splitlines()
            if ">>>" in block:
                lines = [line[4:] for line in lines if re.match(r">>> (from|import) ", line)]
            yield "\n".join(lines)


def private_imports(source: str) -> Iterator[str]:
    """Imports from edgewise of what neither it nor one of its parts lists as public."""
    for node in ast.walk(ast.parse(source)):
        names = [alias.name for alias in node.names] if isinstance(node, (ast.Import, ast.ImportFrom)) else []
        if isinstance(node, ast.Import):
            yield from (name for name in names if name.startswith("edgewise.") and not is_public_module(name))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "edgewise":
            for name in names:
                if not is_public_module(node.module) or not is_public(node.module, name):
                    yield f"{node.module}.{name}"


def is_public_module(name: str) -> bool:
    """Whether a user may import from it: the package, its parts, and modules that it lists."""
    parent, _, last = name.rpartition(".")
    if not parent:
        return name == "edgewise"
    if parent == "edgewise":
        return last in parts() or f"{last}.py" in parts()
    return is_public_module(parent) and is_public(parent, last)


def is_public(module: str, name: str) -> bool:
    """Whether the module shows the name as its own."""
    package = importlib.import_module(module)
    listed = getattr(package, "__all__", dir(package))
    return not name.startswith("_") and name in (dir(package) if module == "edgewise" else listed)


def test_pages_examples_and_benchmarks_import_public_names():
    found = {
        f"{file.relative_to(ROOT).as_posix()} -> {name}"
        for file in OUTSIDE
        if file.is_file()
        for source in sources(file)
        for name in private_imports(source)
    }
    compare(found, "private_imports", "import public names only: those of edgewise, or of a part's __all__")
