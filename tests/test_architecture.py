"""The house rules, kept: the tables of ARCHITECTURE.md and a few bounds, checked on the syntax trees."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "edgewise"
FRONT_DOOR = "kan.py"
EVERYWHERE = set(sys.stdlib_module_names) | {"torch", "numpy"}
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "core", "manager", "handler"}
MOST_LINES, MOST_FUNCTION_LINES, MOST_METHODS = 450, 60, 26

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
                base = self._base(child)
                targets = [f"{base}.{alias.name}" for alias in child.names]
            elif isinstance(child, ast.Call) and ast.unparse(child.func) == "optional" and child.args:
                targets = [str(getattr(child.args[0], "value", "?"))]
                inside = False  # the one allowed way to put an import off
            else:
                targets = []
            for target in targets:
                yield Import(target, getattr(child, "lineno", 0), inside, checking)
            yield from self._imports(child, inside, checking)

    def _base(self, node: ast.ImportFrom) -> str:
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
def places() -> dict[str, str]:
    """The table of other packages: package -> the folder or file that may import it."""
    return {package.strip("`"): place.strip("`") for package, place, *_ in rows("package")}


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


def imports_go_downwards(module: Module) -> Iterator[str]:
    """No import of a higher level, nor of a neighbour the table does not name."""
    if module.part not in parts():
        yield f"{module.part} has no row in the level table"
        return
    here = parts()[module.part]
    for item in module.imports:
        reached = owner(item.target) if item.target.split(".")[0] == "edgewise" else None
        if reached is None or reached.part == module.part or reached.part not in parts():
            continue
        there = parts()[reached.part]
        if there.level > here.level or (there.level == here.level and reached.part not in here.beside):
            yield f"{item.line}: level {here.level} imports {reached.name} of level {there.level}"


def imports_stand_at_the_top(module: Module) -> Iterator[str]:
    """No import inside a function, except of a package that has its place in the table."""
    for item in module.imports:
        if item.in_function and item.target.split(".")[0] not in places():
            yield f"{item.line}: {item.target} is imported inside a function"


def packages_keep_to_their_place(module: Module) -> Iterator[str]:
    """Packages other than torch and numpy are imported only where the table says."""
    for item in module.imports:
        package = item.target.split(".")[0]
        if package in EVERYWHERE or package == "edgewise" or item.type_checking:
            continue
        if not is_inside(module.path, places().get(package, "nowhere")):
            yield f"{item.line}: {package} may be imported only in {places().get(package, 'no file')}"


def has_no_forbidden_words(module: Module) -> Iterator[str]:
    """No star import, print, exec, eval, bare except or mutable default."""
    mutable = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
            yield f"{node.lineno}: star import"
        elif isinstance(node, ast.ExceptHandler) and node.type is None:
            yield f"{node.lineno}: bare except"
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"print", "exec", "eval"}:
            yield f"{node.lineno}: {node.func.id}()"
        elif isinstance(node, (*Function, ast.Lambda)):
            for default in (*node.args.defaults, *filter(None, node.args.kw_defaults)):
                made = isinstance(default, ast.Call) and getattr(default.func, "id", "") in {
                    "list",
                    "dict",
                    "set",
                }
                if made or isinstance(default, mutable):
                    yield f"{default.lineno}: mutable default argument"


def public_names_have_docstrings(module: Module, tree: ast.AST | None = None) -> Iterator[str]:
    """Every public function, class and method says what it is; so does the module."""
    if tree is None and module.lines and ast.get_docstring(module.tree) is None:
        yield "1: the module has no docstring"
    for node in ast.iter_child_nodes(tree or module.tree):
        if not isinstance(node, (*Function, ast.ClassDef)) or node.name.startswith("_"):
            continue
        marks = {ast.unparse(mark).rpartition(".")[2] for mark in node.decorator_list}
        if ast.get_docstring(node) is None and not marks & {"overload", "setter", "deleter"}:
            yield f"{node.lineno}: {node.name} has no docstring"
        if isinstance(node, ast.ClassDef):
            yield from public_names_have_docstrings(module, node)


def sizes_are_bounded(module: Module) -> Iterator[str]:
    """Files, functions and classes stay small; the front door may have more methods, of one line each."""
    if module.lines > MOST_LINES:
        yield f"1: {module.lines} lines; at most {MOST_LINES}"
    for node in definitions(module, Function):
        docstring = len((ast.get_docstring(node, clean=False) or "").splitlines())
        lines = node.end_lineno - node.lineno + 1 - docstring
        if lines > MOST_FUNCTION_LINES:
            yield f"{node.lineno}: {node.name} has {lines} lines; at most {MOST_FUNCTION_LINES}"
    for node in definitions(module, ast.ClassDef):
        methods = [item for item in node.body if isinstance(item, Function)]
        if module.path != FRONT_DOOR and len(methods) > MOST_METHODS:
            yield f"{node.lineno}: {node.name} has {len(methods)} methods; at most {MOST_METHODS}"
        for method in methods if module.path == FRONT_DOOR else ():
            if method.name != "__init__" and len(body_without_docstring(method)) > 1:
                yield f"{method.lineno}: {method.name} is more than one statement; the logic belongs below"


def has_a_test_of_its_name(module: Module) -> Iterator[str]:
    """`src/edgewise/x/y.py` is tested by `tests/x/test_y.py`, if its package's `__init__` exports from it."""
    folder, _, file = module.path.rpartition("/")
    test = ROOT / "tests" / folder / f"test_{file.lstrip('_')}"
    exported = f"from .{file.removesuffix('.py')} import" in (PACKAGE / folder / "__init__.py").read_text(
        "utf-8"
    )
    if file != "__init__.py" and exported and not test.exists():
        yield f"1: {test.relative_to(ROOT)} is missing"


def is_named_for_the_thing_in_it(module: Module) -> Iterator[str]:
    """No file or folder has a name that says nothing."""
    for word in FORBIDDEN_NAMES & {name.strip("_") for name in module.path.removesuffix(".py").split("/")}:
        yield f"1: a file or folder is named {word}"


RULES: list[Callable[[Module], Iterator[str]]] = [
    imports_go_downwards,
    imports_stand_at_the_top,
    packages_keep_to_their_place,
    has_no_forbidden_words,
    public_names_have_docstrings,
    sizes_are_bounded,
    has_a_test_of_its_name,
    is_named_for_the_thing_in_it,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_package_keeps_the_rule(rule):
    faults = [
        f"src/edgewise/{module.path}:{fault}" for module in modules().values() for fault in rule(module)
    ]
    assert not faults, f"{rule.__doc__}\n" + "\n".join(faults)


def test_no_cycle_of_imports():
    graph = {
        name: {
            reached.name
            for item in module.imports
            if not item.type_checking and (reached := owner(item.target)) and reached.name != name
        }
        for name, module in modules().items()
    }
    while free := [name for name, targets in graph.items() if not targets & graph.keys()]:
        for name in free:
            del graph[name]
    assert not graph, f"modules in an import cycle, or above one: {', '.join(sorted(graph))}"


def test_every_row_of_the_tables_exists():
    stale = [name for name in (*parts(), *places().values()) if not (PACKAGE / name).exists()]
    assert not stale, f"in ARCHITECTURE.md but not in the package: {', '.join(stale)}"


def test_import_edgewise_loads_no_package_that_it_can_put_off():
    before, after = "import sys, torch, numpy; before = set(sys.modules)", "print(*set(sys.modules) - before)"
    script = f"{before}; import edgewise; {after}"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in run.stdout.split()}
    assert not loaded & {"sympy", "matplotlib", "scipy", "sklearn", "pandas", "tqdm"}


BAD = {
    imports_go_downwards: [
        "from ..kan import KAN",
        "from edgewise.kan import KAN",
        "from ..datasets import Dataset",
    ],
    imports_stand_at_the_top: ["def f():\n    from ..errors import InputError", "def f():\n    import json"],
    packages_keep_to_their_place: [
        "import sympy",
        "def f():\n    optional('matplotlib.figure', 'plot', 'plot')",
    ],
    has_no_forbidden_words: [
        "from math import *",
        "print(1)",
        "exec('')",
        "eval('')",
        "try:\n    pass\nexcept:\n    pass",
        "def f(x=[]): pass",
        "def f(*, x=dict()): pass",
    ],
    public_names_have_docstrings: [
        "x = 1",
        "'Doc.'\ndef f(): pass",
        "'Doc.'\nclass A:\n    'Doc.'\n    def f(self): pass",
    ],
    sizes_are_bounded: [
        "\n" * 451,
        "def f():\n" + "    x = 1\n" * 60,
        "class A:\n" + "".join(f"    def f{i}(self): pass\n" for i in range(27)),
    ],
    is_named_for_the_thing_in_it: [],
}


@pytest.mark.parametrize(("rule", "source"), [(rule, source) for rule in BAD for source in BAD[rule]])
def test_each_rule_finds_its_fault(rule, source):
    assert len(list(rule(Module("spline/invented.py", source + "\n")))) == 1


@pytest.mark.parametrize("path", ["utils.py", "spline/_helpers.py", "core/spline.py"])
def test_names_that_say_nothing_are_found(path):
    assert list(is_named_for_the_thing_in_it(Module(path, "")))
