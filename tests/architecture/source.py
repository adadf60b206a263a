"""The package's source, read into syntax trees, and the tables of ARCHITECTURE.md."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "edgewise"
LISTS = Path(__file__).parent / "allowed"

Function = (ast.FunctionDef, ast.AsyncFunctionDef)


class Part(NamedTuple):
    """A row of the level table."""

    level: int
    beside: frozenset[str]


class Import(NamedTuple):
    """One imported module: its dotted name (edgewise's own from the root), and where it stands."""

    target: str
    line: int
    in_function: bool
    type_checking: bool


class Module:
    """A source file: its path from the package's root, dotted name, tree, and what it imports."""

    def __init__(self, path: str, source: str) -> None:
        self.path, self.lines = path, source.count("\n")
        self.tree = ast.parse(source)
        self.name = ".".join(("edgewise", *path.removesuffix(".py").split("/"))).removesuffix(".__init__")
        self.part = path.split("/")[0]
        self.imports = list(self._imports(self.tree, False, False))

    def _imports(self, node: ast.AST, in_function: bool, type_checking: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            inside = in_function or isinstance(child, (*Function, ast.Lambda))
            checking = type_checking or (
                isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
            )
            if isinstance(child, ast.Import):
                targets = [alias.name for alias in child.names]
            elif isinstance(child, ast.ImportFrom):
                base = self.base(child)
                targets = [f"{base}.{alias.name}" for alias in child.names]
            elif isinstance(child, ast.Call) and ast.unparse(child.func) == "optional" and child.args:
                targets = [str(getattr(child.args[0], "value", "?"))]
                inside = False  # the one allowed way to put an import off
            else:
                targets = []
            for target in targets:
                yield Import(target, getattr(child, "lineno", 0), inside, checking)
            yield from self._imports(child, inside, checking)

    def base(self, node: ast.ImportFrom) -> str:
        """The dotted name that names are imported from."""
        if not node.level:
            return node.module or ""
        package = self.name if self.path.endswith("__init__.py") else self.name.rpartition(".")[0]
        for _ in range(node.level - 1):
            package = package.rpartition(".")[0]
        return f"{package}.{node.module}" if node.module else package


@cache
def modules() -> dict[str, Module]:
    """The modules of the package by dotted name."""
    files = sorted(PACKAGE.rglob("*.py"))
    found = [Module(file.relative_to(PACKAGE).as_posix(), file.read_text("utf-8")) for file in files]
    return {module.name: module for module in found}


def rows(first_column: str) -> list[list[str]]:
    """The rows of the table of ARCHITECTURE.md whose head begins with `first_column`."""
    table, inside = [], False
    for line in (ROOT / "ARCHITECTURE.md").read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and (inside or cells[0] == first_column):
            inside = True
            table.append(cells)
        else:
            inside = False
    assert len(table) > 2, f"ARCHITECTURE.md has no table headed {first_column!r}"
    return table[2:]


@cache
def parts() -> dict[str, Part]:
    """The level table: part (folder or file at the package's root) -> level and allowed neighbours."""
    return {
        part.strip("`"): Part(
            int(level.split()[0]), frozenset(beside.replace("`", "").replace(",", " ").split())
        )
        for level, part, beside, *_ in rows("level")
    }


@cache
def places() -> dict[str, tuple[str, ...]]:
    """The table of other packages: package -> the folders or files that may import it."""
    return {
        package.strip("`"): tuple(place.strip(" `") for place in cell.split(","))
        for package, cell, *_ in rows("package")
    }


def owner(target: str) -> Module | None:
    """The module of the package that an import such as `edgewise.spline.basis` reaches; compiled ones know none."""
    if "._native" in target:
        return None
    while target and target not in modules():
        target = target.rpartition(".")[0]
    return modules().get(target)


def is_inside(path: str, place: str) -> bool:
    """Whether a file is `place`, or lies in it."""
    return path == place or path.startswith(f"{place}/")


def definitions(module: Module, kind: type | tuple[type, ...]) -> Iterator[ast.AST]:
    """The definitions of a kind, at any depth."""
    return (node for node in ast.walk(module.tree) if isinstance(node, kind))


def body_without_docstring(node: ast.AST) -> list[ast.stmt]:
    """The statements of a definition, its docstring left out."""
    return node.body[1:] if ast.get_docstring(node) is not None else node.body


def allowed(name: str) -> set[str]:
    """The lines of a list of exceptions: a list may only shrink. What follows a " # " is the reason."""
    lines = (LISTS / f"{name}.txt").read_text("utf-8").splitlines()
    return {line.partition(" # ")[0].strip() for line in lines if line.strip() and not line.startswith("#")}


def compare(found: set[str], name: str, advice: str) -> None:
    """Fail where something is found that the list does not name, or named that is no longer there."""
    new, gone = sorted(found - allowed(name)), sorted(allowed(name) - found)
    assert not new, f"{advice}\n" + "\n".join(new)
    assert not gone, f"no longer so; take it out of tests/architecture/allowed/{name}.txt:\n" + "\n".join(
        gone
    )
