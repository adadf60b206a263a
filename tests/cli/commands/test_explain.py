from __future__ import annotations

import json


def test_it_says_what_the_fit_said(fitted, run):
    folder, summary = fitted
    result = run("explain", folder)
    assert result.exit_code == 0, result.output
    assert "width" in result.stdout and "held out" in result.stdout
    assert summary["formula"]["text"][:20] in result.stdout
    assert json.loads(run("explain", folder, "--json").stdout)["importances"] == summary["importances"]
    assert "=" not in run("explain", folder, "--latex").stdout.splitlines()[0]
