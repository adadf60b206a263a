from __future__ import annotations

import numpy as np
import pytest

from edgewise.discovery import discover
from edgewise.discovery.part_searches import simple_searches
from edgewise.discovery.problem import Problem
from edgewise.discovery.simpler import by_simpler

LAWS = {
    "a peak of a difference, over many decades": lambda a, b, c: np.exp(-(((a - b) / c) ** 2) / 2) / c,
    "a product in front of a quotient": lambda a, b, c: a**2 * (1 - b**2) / (9 + b * c),
    "a root of a sum behind a factor": lambda a, b, c: a * np.sqrt(b**2 + c**2),
    "a polynomial of a wave of a product": lambda a, b, c: a * (np.cos(b * c) + 3 * np.cos(b * c) ** 2),
    "two functions behind a factor": lambda a, b, c: a * (1 - b * c / 40) / np.sqrt(1 - b**2 / 400),
}


@pytest.mark.parametrize("name", LAWS)
def test_laws_behind_factors_and_symmetries(name):
    x = np.random.default_rng(0).uniform(0.5, 3, (700, 3))
    found = discover(x, LAWS[name](*x.T), names=["a", "b", "c"], networks=False, seconds=1e3)
    assert found.best.verdict == "exact"


def test_proposals_are_in_the_columns_of_the_problem():
    x = np.random.default_rng(0).uniform(-3, 3, (600, 3))
    p = Problem.of(x, x[:, 0] * np.sqrt(x[:, 1] ** 2 + x[:, 2] ** 2), ["a", "b", "c"])
    found = next(by_simpler(p, simple_searches, lambda: True))
    assert found.form.free_symbols == set(p.symbols)
    assert found.missed < 1e-11


def test_no_time_no_proposals():
    x = np.random.default_rng(0).uniform(0.5, 3, (200, 2))
    p = Problem.of(x, x[:, 0] * np.log(1 + x[:, 1]), ["a", "b"])
    assert list(by_simpler(p, simple_searches, lambda: False)) == []
