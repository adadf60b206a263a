from __future__ import annotations

import numpy as np
import pytest
import sympy

from edgewise.discovery import operon
from edgewise.discovery.clock import Clock
from edgewise.discovery.operon import by_operon, is_installed
from edgewise.discovery.problem import Problem

needs_operon = pytest.mark.skipif(not is_installed(), reason="needs pyoperon")


def problem() -> Problem:
    x = np.random.default_rng(0).uniform(0.5, 3, (200, 2))
    return Problem.of(x, 1e20 * (x[:, 0] * np.sin(x[:, 1]) + x[:, 1]), ["pyoperon", "b"])


@needs_operon
def test_formulas_are_the_same_every_time(monkeypatch):
    monkeypatch.setattr(operon, "_LENGTHS", (20,))
    monkeypatch.setattr(operon, "_EVALUATIONS", 20_000)
    p = problem()
    first, second = ([str(one.form) for one in by_operon(p, 1, Clock(1e4))] for _ in range(2))
    assert first
    assert first == second


@needs_operon
def test_formulas_are_of_the_scaled_columns_and_targets(monkeypatch):
    monkeypatch.setattr(operon, "_LENGTHS", (20,))
    p = problem()
    best = next(by_operon(p, 0, Clock(1e4)))
    assert best.form.free_symbols <= set(p.symbols)
    values = sympy.lambdify(p.symbols, best.form)(*p.x.T)
    np.testing.assert_allclose(np.sqrt(np.mean((values - p.y) ** 2)) / p.y.std(), best.missed, atol=0.02)


@needs_operon
def test_no_time_no_runs():
    assert list(by_operon(problem(), 0, Clock(0.0))) == []


def test_a_package_that_is_missing_is_seen(monkeypatch):
    monkeypatch.setattr(operon.importlib.util, "find_spec", lambda name: None)
    assert not is_installed()
