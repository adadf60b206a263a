from __future__ import annotations

import json

import numpy as np
import pytest

from edgewise.cli.formula_files import described_discovery, files_of, formula_latex, write_formula
from edgewise.discovery import discover

RANDOM = np.random.default_rng(0)
X = RANDOM.uniform(1, 3, (120, 1))


@pytest.fixture(scope="module")
def found():
    y = 0.731 * X[:, 0] ** 2 + 0.01 * RANDOM.standard_normal(120)
    return discover(X, y, names=["body mass"], noise=0.01, networks=False)


def test_all_of_it_is_written_and_equal(found, tmp_path):
    told = described_discovery(found, "drag")
    write_formula(tmp_path / "new" / "folder", found, told)
    folder = tmp_path / "new" / "folder"
    assert sorted(path.name for path in folder.iterdir()) == sorted(files_of(found))
    assert json.loads((folder / "formula.json").read_text())["law"] == found.shown().text()
    names: dict = {}
    exec((folder / "formula.py").read_text(), names)
    np.testing.assert_allclose(names["predict"](X), found.predict(X), rtol=1e-12)
    assert (folder / "formula.png").read_bytes().startswith(b"\x89PNG")


def test_constants_are_plain_values(found):
    told = described_discovery(found, "drag")
    constant = told["constants"][0]
    low, high = constant["interval_95"]
    assert low < 0.731 < high and constant["decided"]
    assert [row["chosen"] for row in told["front"]].count(True) == 1
    assert told["rows"] == {"fitted_to": 96, "held_out": 24}


def test_the_equation_is_latex_and_all_else_is_a_comment(found):
    lines = formula_latex(found, "50% drag").splitlines()
    start = lines.index("\\begin{equation}")
    assert all(line.startswith("% ") for line in lines[:start])
    assert lines[start + 1].startswith("\\mathrm{50\\%\\ drag} = ")
    assert "\\mathrm{body\\ mass}" in lines[start + 1]


def test_without_a_law_the_values_say_why(tmp_path):
    none = discover(X, RANDOM.standard_normal(120), networks=False, seconds=5)
    told = described_discovery(none, "noise")
    write_formula(tmp_path, none, told)
    assert [path.name for path in tmp_path.iterdir()] == ["formula.json"]
    assert told["law"] is None and "No formula" in told["why"] and told["constants"] == []
