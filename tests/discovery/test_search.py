from __future__ import annotations

import numpy as np
import pytest
import sympy

from edgewise.discovery.clock import Clock
from edgewise.discovery.findings import Findings
from edgewise.discovery.proposal import Proposal
from edgewise.discovery.search import Search
from edgewise.discovery.split import Split
from edgewise.events import listen

X = np.random.default_rng(0).uniform(1, 3, (300, 2))


def search(y, noise=None, seconds=60.0):
    found = Findings(Split(X[:240], y[:240], X[240:], y[240:]), ("a", "b"), noise)
    return Search(found, Clock(seconds), 0)


def test_an_exact_law_ends_the_search():
    one = search(X[:, 0] ** 2 / X[:, 1])
    assert one.run(networks=False) == "exact"
    a, b = sympy.symbols("a b")
    assert a**2 / b in one.found.laws


def test_the_time_is_kept():
    one = search(np.sin(X[:, 0] * X[:, 1]) + np.exp(-X[:, 0]), seconds=1e-6)
    assert one.run(networks=False) == "time"


@pytest.mark.parametrize("level", [0.02, 0.1])
def test_a_given_noise_ends_it_too(level):
    y = X[:, 0] * X[:, 1]
    y = y + level * y.std() * np.random.default_rng(1).standard_normal(300)
    one = search(y, noise=level)
    one.run(networks=False)
    assert min(one.found.laws.values(), key=lambda law: law.bits).verdict == "within noise"


@pytest.mark.parametrize("error", [np.linalg.LinAlgError("no solution"), ZeroDivisionError("zero")])
def test_a_search_that_breaks_down_costs_no_more_than_itself(error, monkeypatch):
    def broken(*_):
        yield Proposal(sympy.Symbol("a") * sympy.Float(1.1), 0.5, "broken")
        raise error

    monkeypatch.setattr("edgewise.discovery.search.kinks", broken)
    one = search(np.sqrt(1 + X[:, 0] * X[:, 1] ** 2))
    texts = []
    with listen(lambda event: texts.append(event.text)):
        assert one.run(networks=False) == "exact"
    assert any(text == f"this search ended early: {error}" for text in texts)
