from __future__ import annotations

import sys

import numpy as np

from edgewise.discovery import discover
from edgewise.discovery.clock import Clock
from edgewise.discovery.progress import ProgressLine
from edgewise.events import Event

X = np.random.default_rng(0).uniform(1, 3, (100, 2))


def test_the_line_says_what_is_done_and_what_there_is():
    written = []
    line = ProgressLine(Clock(60.0), "discover", written.append)
    line.hear(Event("step", "fit", text="passed over"))
    line.hear(Event("message", "discover", text="power laws"))
    line.hear(Event("step", "discover", text="a*b (exact)"))
    line.close()
    assert "0/60 s | power laws | best: nothing yet" in written[0]
    assert "best: a*b (exact)" in written[1]
    assert written[-1] == "\n"


def test_it_is_on_standard_error_and_only_where_it_is_asked_for(capsys):
    discover(X, X[:, 0] * X[:, 1], names="ab", progress=True)
    assert "best: a*b (exact)" in capsys.readouterr().err
    discover(X, X[:, 0] * X[:, 1], names="ab", progress=False)
    discover(X, X[:, 0] * X[:, 1], names="ab")
    assert capsys.readouterr().err == "" or sys.stderr.isatty()
