"""The house rules, kept: the tables of ARCHITECTURE.md and a few bounds, checked on the syntax trees."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from .source import (
    PACKAGE,
    Function,
    Module,
    body_without_docstring,
    definitions,
    is_inside,
    modules,
    owner,
    parts,
    places,
)

FRONT_DOOR = "kan.py"
EVERYWHERE = set(sys.stdlib_module_names) | {"torch", "numpy"}
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "core", "manager", "handler"}
MOST_LINES, MOST_FUNCTION_LINES, MOST_METHODS = 450, 60, 26


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
        allowed = places().get(package, ())
        if not any(is_inside(module.path, place) for place in allowed):
            yield f"{item.line}: {package} may be imported only in {', '.join(allowed) or 'no file'}"


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
    named = (place for several in places().values() for place in several)
    stale = [name for name in (*parts(), *named) if not (PACKAGE / name).exists()]
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
