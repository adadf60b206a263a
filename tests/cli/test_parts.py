from __future__ import annotations

import ast
from pathlib import Path

import pytest

from edgewise.cli import parts

NAMES = [
    alias.asname
    for node in ast.walk(ast.parse(Path(parts.__file__).read_text("utf-8")))
    if isinstance(node, ast.ImportFrom)
    for alias in node.names
    if alias.asname
]


@pytest.mark.parametrize("name", NAMES)
def test_every_name_that_types_know_is_there(name):
    assert callable(getattr(parts, name))


def test_other_names_are_not():
    with pytest.raises(AttributeError):
        parts.nosuch  # noqa: B018
