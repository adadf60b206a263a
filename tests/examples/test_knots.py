"""A quick run of the knots: signatures, and the relation of the cusp found blind. Its searches for laws end by the clock."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

SCIENCE = Path(__file__).parents[2] / "examples" / "science"


def test_a_quick_run_finds_the_relation_of_the_cusp(tmp_path, monkeypatch, capsys):
    monkeypatch.syspath_prepend(str(SCIENCE))
    importlib.import_module("knots").main(tmp_path, quick=True)
    told = capsys.readouterr().out
    right = dict(re.findall(r"  (.+): [\d,]+ parameters, right in ([\d.]+)%", told))
    assert float(right["splines, 16 hidden nodes"]) > 80 and float(right["splines, one hidden product"]) > 70
    assert "the known estimate: r2 0.94" in told
    assert "the relation of the cusp on 1 of 1 seeds" in told
    assert {path.name for path in tmp_path.iterdir()} == {"knots.png", "knots_network.png"}
