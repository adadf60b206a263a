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
        while True:
            time.sleep(0.001)

    monkeypatch.setattr("edgewise.discovery.search.Search.run", slow)
    assert discover(X, HARD, seconds=0.05).stopped == "time"
    assert discover(X, HARD, seconds=1e-6).stopped == "time"  # before anything was looked at


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


def test_networks_that_explain_more_than_laws_are_kept(monkeypatch):
    x = np.linspace(0, 6, 150)[:, None]

    def nothing(self, networks):
        return "all searched"

    monkeypatch.setattr("edgewise.discovery.search.Search.run", nothing)
    found = discover(x, x[:, 0] % 1)
    assert found.best is None and found.splines is not None and found.splines.r2 > 0.2
    rest = found.samples.held_y - found.splines.predict(found.samples.held_x)
    assert found.splines.test_rmse == pytest.approx(np.sqrt(np.mean(rest**2)))
    assert discover(x, x[:, 0] % 1, networks=False).splines is None


def test_no_network_is_trained_where_a_law_explains_the_samples():
    assert discover(X, X[:, 0] * X[:, 1]).splines is None
