"""`_native.pyi` says of the compiled module what the module says of itself."""

from __future__ import annotations

import ast
from pathlib import Path
from types import ModuleType

import pytest

from edgewise.edges import native

STUBS = Path(native.__file__).with_name("_native.pyi")
Signature = tuple[tuple[str, ...], bool, str]


def signature(node: ast.FunctionDef) -> Signature:
    """Types of the arguments without their contents, whether they go by position only, and what is returned."""
    by_position = bool(node.args.posonlyargs)
    given = [argument for argument in (*node.args.posonlyargs, *node.args.args) if argument.arg != "self"]
    return tuple(kind(argument.annotation) for argument in given), by_position, kind(node.returns)


def kind(annotation: ast.expr | None) -> str:
    """`tuple[int, ...]` as `tuple`; where None is allowed, only that."""
    text = ast.unparse(annotation) if annotation is not None else ""
    return "optional" if text.endswith("| None") else text.partition("[")[0]


def written() -> dict[str, Signature]:
    """The functions and methods of the stub by dotted name."""
    found = {}
    for node in ast.parse(STUBS.read_text("utf-8")).body:
        for part in node.body if isinstance(node, ast.ClassDef) else [node]:
            if isinstance(part, ast.FunctionDef):
                name = f"{node.name}.{part.name}" if part is not node else part.name
                found[name] = signature(part)
    return found


def compiled(module: ModuleType) -> dict[str, Signature]:
    """The functions and methods of the module by dotted name, as nanobind describes them."""
    found = {}
    for name, value in vars(module).items():
        for inner, part in vars(value).items() if isinstance(value, type) else [("", value)]:
            described = getattr(part, "__nb_signature__", None)
            if described:
                (text, *_), *_ = described
                found[f"{name}.{inner}".rstrip(".")] = signature(ast.parse(f"{text}: ...").body[0])
    return found


def test_the_stub_says_what_the_module_is():
    module = pytest.importorskip("edgewise.edges._native", reason="built without a compiler")
    assert written() == compiled(module)


def test_a_wrong_stub_would_be_found():
    (first,) = ast.parse("def f(a: int, b: tuple[int, ...], /) -> None: ...").body
    (other,) = ast.parse("def f(a: int, /) -> None: ...").body
    assert signature(first) == (("int", "tuple"), True, "None") != signature(other)
