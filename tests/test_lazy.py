from __future__ import annotations

import subprocess
import sys

import pytest

import edgewise
from edgewise._lazy import lazy_names


def test_a_name_is_found_in_its_place():
    assert lazy_names("edgewise", {"solve": "pde"})("solve") is edgewise.solve
    assert lazy_names("edgewise", {"pde": ""})("pde") is edgewise.pde


def test_what_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'edgewise' has no attribute 'solver'"):
        lazy_names("edgewise", {"solve": "pde"})("solver")


def test_import_edgewise_leaves_out_what_few_need():
    script = "import sys, edgewise; print(*[name for name in sys.modules if name.startswith('edgewise.')])"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert not loaded & {
        "edgewise.pde",
        "edgewise.testing",
        "edgewise.estimators",
        "edgewise.exports.formats",
    }
