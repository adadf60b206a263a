from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from edgewise.discovery import discover
from edgewise.errors import Cancelled
from edgewise.events import listen

X = np.random.default_rng(0).uniform(1, 3, (100, 2))
HARD = np.sin(X[:, 0] * X[:, 1]) + np.exp(-X[:, 0])


def test_what_overruns_is_broken_off(monkeypatch):
    def slow(self, networks):
        self._prepare()
        while True:
            time.sleep(0.001)

    monkeypatch.setattr("edgewise.discovery.search.Search.run", slow)
    assert discover(X, HARD, seconds=0.05).stopped == "time"


def test_a_cancelled_search_gives_what_it_has():
    cancel = threading.Event()

    def hear(event):
        if event.kind == "step" and event.verb == "discover":
            cancel.set()

    with listen(hear, cancel):
        found = discover(X, HARD, networks=False)
    assert (found.stopped, bool(found.laws)) == ("cancelled", True)
    with listen(lambda event: None, cancel), pytest.raises(Cancelled):
        discover(X, HARD)
