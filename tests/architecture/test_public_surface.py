"""The public surface is what the snapshot says; a change of it is seen in review."""

from __future__ import annotations

import difflib
import subprocess
import sys
from pathlib import Path

import pytest

import edgewise

from .public_surface import surface


def test_the_public_surface_is_that_of_the_snapshot():
    pytest.importorskip("sklearn")
    before = (Path(__file__).parent / "public_surface.txt").read_text("utf-8").splitlines()
    change = "\n".join(difflib.unified_diff(before, list(surface()), "snapshot", "now", lineterm="", n=0))
    renew = "python tests/architecture/public_surface.py > tests/architecture/public_surface.txt"
    assert not change, f"if this is meant, renew the snapshot: {renew}\n{change}"


def test_dir_shows_what_there_is_and_nothing_else():
    pytest.importorskip("sklearn")
    shown = dir(edgewise)
    assert len(shown) == len(set(shown))
    assert not {"Any", "TYPE_CHECKING", "annotations", "importlib", "kan", "last_data"} & set(shown)
    assert all(getattr(edgewise, name) is not None for name in shown)


@pytest.mark.parametrize("name", ["estimators", "pde", "testing", "solve", "formula"])
def test_a_name_is_there_after_import_edgewise_alone(name):
    script = f"import edgewise; assert '{name}' not in vars(edgewise); edgewise.{name}"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_no_function_shadows_a_package():
    source = Path(edgewise.__file__).parent
    packages = {file.parent.name for file in source.glob("*/__init__.py")}
    assert not [name for name in packages & set(dir(edgewise)) if callable(getattr(edgewise, name))]


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="nosuch"):
        edgewise.nosuch  # noqa: B018
