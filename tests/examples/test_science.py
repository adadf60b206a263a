"""Every study of examples/science that is told by `study.tell` reaches its figure in a quick run, and draws its picture."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

pytest.importorskip("sklearn")
STUDIES = Path(__file__).parents[2] / "examples" / "science"
SHARED = "study"
TOLD = [path.stem for path in STUDIES.glob("*.py") if f"from {SHARED} import" in path.read_text("utf-8")]


@pytest.mark.parametrize("name", sorted(TOLD))
def test_a_quick_run_reaches_its_figure(name, tmp_path, monkeypatch, capsys):
    monkeypatch.syspath_prepend(str(STUDIES))
    study, shared = importlib.import_module(name), importlib.import_module(SHARED)
    try:
        outcomes = shared.tell(name, study.find, study.draw, ["--quick", "--out", str(tmp_path)])
    finally:
        del sys.modules[name], sys.modules[SHARED]
    assert all(outcome.good for outcome in outcomes), capsys.readouterr().out
    assert (tmp_path / f"{name}.png").stat().st_size > 10_000
