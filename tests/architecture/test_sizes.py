"""Bounds that lists of exceptions accompany: arguments to a function, and a test to a module."""

from __future__ import annotations

import ast

from .source import ROOT, Function, Module, compare, modules

MOST_ARGUMENTS, MOST_PUBLIC_ARGUMENTS = 8, 18


def arguments(node: ast.FunctionDef) -> int:
    """How many arguments a function names, `self` and `cls` left out."""
    every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return sum(argument.arg not in ("self", "cls") for argument in every)


def too_many_arguments(module: Module, most: int) -> set[str]:
    """Functions of a module with more arguments than that."""
    return {
        f"{module.path} {node.name}"
        for node in ast.walk(module.tree)
        if isinstance(node, Function) and arguments(node) > most
    }


def test_functions_have_few_arguments():
    found = set().union(*(too_many_arguments(module, MOST_ARGUMENTS) for module in modules().values()))
    compare(found, "many_arguments", f"at most {MOST_ARGUMENTS} arguments; group those that go together")


def test_no_function_written_by_hand_has_more_arguments_than_fit_may():
    found = set().union(*(too_many_arguments(module, MOST_PUBLIC_ARGUMENTS) for module in modules().values()))
    assert not {function for function in found if not function.startswith("edges/triton/")} - {
        "train/fit.py fit"
    }


def test_every_module_has_a_test_of_its_name():
    missing = set()
    for module in modules().values():
        folder, _, file = module.path.rpartition("/")
        test = ROOT / "tests" / folder / f"test_{file.lstrip('_')}"
        if file != "__init__.py" and not test.exists():
            missing.add(module.path)
    compare(missing, "modules_without_a_test", "src/edgewise/x/y.py is tested by tests/x/test_y.py")
