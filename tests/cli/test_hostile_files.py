"""The files of benchmarks/hostile_files.py, whose values must come out right or be refused in one line."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from edgewise.cli.read_options import kinds_from
from edgewise.cli.tables import ReadOptions, prepare, read_table, ready_inputs
from edgewise.errors import EdgewiseError

FILE = Path(__file__).parents[2] / "benchmarks" / "hostile_files.py"


def _cases():
    spec = importlib.util.spec_from_file_location("hostile_files", FILE)
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules["hostile_files"] = module
    spec.loader.exec_module(module)
    return module


HOSTILE = _cases()
CASES = HOSTILE.cases()


def options(words):
    given = dict(zip(words[::2], words[1::2], strict=True))
    kinds = kinds_from(
        [given["--kind"]] if "--kind" in given else [],
        [given["--categories"]] if "--categories" in given else [],
    )
    missing = (given["--missing"],) if "--missing" in given else ()
    return ReadOptions(decimal=given.get("--decimal"), missing=missing, kinds=kinds)


@pytest.mark.parametrize("case", [case for case in CASES if not case.refused], ids=lambda case: case.name)
def test_values_come_out_right(case, tmp_path):
    path = tmp_path / f"flats{case.suffix}"
    path.write_bytes(case.content)
    raw = read_table(path, options(case.options))
    found = prepare(raw, "price", options=options(case.options))
    assert {name: kind.kind for name, kind in found.kinds.items()} == case.kinds
    assert case.says in raw.found_in(path.name) + "; ".join(found.notes)
    assert found.kind == "values"

    true = HOSTILE.flats()
    rows = slice(0, len(true))
    assert len(found.target) >= len(true)
    np.testing.assert_allclose(found.target[rows], true["price"])
    size = found.inputs["size"].to_numpy()[rows]
    gaps = np.isnan(size)
    assert gaps.sum() == case.gaps.get("size", 0)
    np.testing.assert_allclose(size[~gaps], case.scale * true["size"][~gaps])
    day = found.inputs.iloc[:, 2].to_numpy()[rows]
    gaps = np.isnan(day)
    assert gaps.sum() == case.gaps.get("day", 0)
    np.testing.assert_allclose(
        day[~gaps], (true["day"].to_numpy()[~gaps] - np.datetime64("1970-01-01")) / np.timedelta64(1, "D")
    )
    city = found.inputs.iloc[:, 1].astype(object).map(str)[rows]
    assert city.nunique() == (
        2 if case.kinds.get("city") == "bool" else 4 if "as a level" in case.name else 3
    )
    again, _ = ready_inputs(raw, found.kinds, found.usual, options(case.options))
    np.testing.assert_array_equal(
        again["size"].dropna().to_numpy()[:50], found.inputs["size"].dropna().to_numpy()[:50]
    )


@pytest.mark.parametrize("case", [case for case in CASES if case.refused], ids=lambda case: case.name)
def test_what_cannot_be_read_is_refused_in_one_line(case, tmp_path):
    path = tmp_path / f"flats{case.suffix}"
    path.write_bytes(case.content)
    with pytest.raises(EdgewiseError) as refusal:
        prepare(read_table(path), "price")
    assert case.says in str(refusal.value) and "\n" not in str(refusal.value)


def test_there_are_enough_of_them():
    assert len(CASES) >= 40 and len({case.name for case in CASES}) == len(CASES)
