from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import sympy

from edgewise.discovery import discover
from edgewise.discovery.journal import Journal, fingerprint
from edgewise.errors import InputError

X = np.random.default_rng(0).uniform(0.5, 2.5, (200, 2))
Y = X[:, 0] * X[:, 1] + 0.05 * np.random.default_rng(1).standard_normal(200)
SETTINGS = {"names": "ab", "networks": False, "noise": 0.05}


def test_laws_are_kept_with_all_their_digits(tmp_path):
    path = tmp_path / "laws"
    law = (
        sympy.sympify("0.1*a + 1/3") * sympy.Float(1 / 3) * sympy.exp(sympy.Float(1e-20) * sympy.Symbol("b"))
    )
    journal = Journal.of(path, "task", ["a", "b"])
    journal.add_law(law, "products")
    journal.add_done("power laws")
    again = Journal.of(path, "task", ["a", "b"])
    assert again.laws == [(law, "products")]
    assert again.done == {"power laws"}


def test_a_search_goes_on_where_it_was_ended(tmp_path):
    path = tmp_path / "laws"
    whole = discover(X, Y, **SETTINGS, resume=path)
    lines = path.read_bytes().splitlines(keepends=True)
    cut = b"".join(lines[: len(lines) // 2])
    path.write_bytes(cut + lines[len(lines) // 2][:7])
    again = discover(X, Y, **SETTINGS, resume=path)
    assert path.read_bytes().startswith(cut)
    assert again.best.expression == whole.best.expression
    done = [json.loads(line)["done"] for line in lines if b'"done"' in line]
    assert len(set(done)) == len(done)


def test_files_of_others_are_refused_and_left_alone(tmp_path):
    path = tmp_path / "laws"
    discover(X, X[:, 0], **SETTINGS, resume=path)
    for arguments in ((X, Y), (X[:-1], X[:-1, 0])):
        with pytest.raises(InputError, match="resume must name a new file"):
            discover(*arguments, **SETTINGS, resume=path)
    foreign = tmp_path / "notes"
    foreign.write_bytes(b"\xff some notes")
    with pytest.raises(InputError, match="resume must name a new file"):
        discover(X, Y, **SETTINGS, resume=foreign)
    assert foreign.read_bytes() == b"\xff some notes"
    with pytest.raises(InputError, match="folder"):
        discover(X, Y, **SETTINGS, resume=tmp_path / "none" / "laws")


def test_hostile_lines_are_passed_over(tmp_path):
    path = tmp_path / "laws"
    Journal.of(path, "task", ["a"])
    with path.open("a") as file:
        file.write(
            '{"law": "__import__(\'os\').system(\'x\')"}\n[1]\n{"law": 3}\n{"done": 5}\n{"law": "v0*2"}\n'
        )
    assert [str(form) for form, _ in Journal.of(path, "task", ["a"]).laws] == ["2*a"]


def test_other_samples_have_another_fingerprint():
    assert fingerprint(0, X) == fingerprint(0, X.copy())
    assert fingerprint(0, X) != fingerprint(0, X + 1e-15)


def test_columns_may_have_any_name(tmp_path):
    names = ["body mass [kg]", "lambda", "E", "I", "v0"]
    mass, wave, energy, current, other = map(sympy.Symbol, names)
    form = sympy.Float(0.1) * mass * wave / energy + current ** sympy.Symbol("hbar") * other + sympy.E
    Journal.of(tmp_path / "laws", "task", names, ["hbar"]).add_law(form, "products")
    assert Journal.of(tmp_path / "laws", "task", names, ["hbar"]).laws == [(form, "products")]


def test_outputs_may_have_any_name(tmp_path):
    targets = pd.DataFrame({"p/q": X[:, 0] * X[:, 1], "..": X[:, 0] ** 2})
    for _ in range(2):
        found = discover(X, targets, names="ab", networks=False, resume=tmp_path / "laws")
        assert [str(one.best.expression) for one in found] == ["a*b", "a**2"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["laws.0", "laws.1"]
