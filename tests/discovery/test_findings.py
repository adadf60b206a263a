from __future__ import annotations

import numpy as np
import pytest
import sympy

from edgewise.discovery.findings import Findings
from edgewise.discovery.journal import Journal
from edgewise.discovery.law import Law
from edgewise.discovery.origins import Origins
from edgewise.discovery.prescription import Prescription
from edgewise.discovery.split import Split

A, B = sympy.symbols("a b")
X = np.random.default_rng(0).uniform(1, 3, (300, 2))
NOISE = np.random.default_rng(1).standard_normal(300)


def findings(y, noise=None, x=X, **settings) -> Findings:
    return Findings(Split(x[:240], y[:240], x[240:], y[240:]), ("a", "b"), noise, **settings)


def test_forms_are_fitted_judged_and_kept():
    found = findings(2 * X[:, 0] / X[:, 1])
    assert found.shortest is None and not found.has("exact")
    assert found.finish(1.9 * A / B, "a test") and found.finish(1.0 * A + 0.1, "a test")
    assert found.shortest.expression == 2 * A / B and found.has("exact") and found.is_all_exact()
    assert {law.verdict for law in found.laws.values()} == {"exact", "approximation"}


def test_forms_without_a_value_at_all_samples_are_no_laws():
    found = findings(X[:, 0])
    assert not found.finish(sympy.log(1.5 * A - 100), "a test")
    assert not found.laws


def test_laws_are_as_prescribed():
    found = findings(X[:, 0] * X[:, 1], prescription=Prescription(required=frozenset([B])))
    assert not found.finish(1.1 * A, "a test") and found.finish(1.1 * A * B, "a test")
    assert list(found.laws) == [A * B]


def test_noise_is_estimated_by_the_shortest_law_alone():
    found = findings(X[:, 0] * X[:, 1] + 0.1 * NOISE)
    found.finish(1.1 * A + 1.1 * B, "a test")
    assert not found.settled() and found.share == 0
    found.finish(1.1 * A * B, "a test")
    assert found.settled()
    assert found.share * found.spread == pytest.approx(0.1, rel=0.1)
    assert found.shortest.verdict == "within noise"


def test_known_noise_makes_errors_of_constants():
    small = findings(1.23 * X[:, 0] * X[:, 1] + 1e-3 * NOISE, noise=0.1)
    small.finish(1.2 * A * B, "a test")
    (constant,) = small.shortest.constants
    deviation = 0.1 * small.spread / np.sqrt(np.sum((X[:240, 0] * X[:240, 1]) ** 2))
    assert constant.error == pytest.approx(deviation, rel=0.05)


def test_laws_are_kept_in_the_journal(tmp_path):
    journal = Journal.of(tmp_path / "laws.jsonl", "task", ("a", "b"))
    found = findings(X[:, 0] * X[:, 1], journal=journal)
    found.finish(1.1 * A * B, "a test")
    again = Journal.of(tmp_path / "laws.jsonl", "task", ("a", "b"))
    assert [source for _, source in again.laws] == ["a test"]


def test_laws_beside_origins_are_put_back():
    x = X + np.array([2000, 0])
    origins = Origins.of(x, X[:, 0], ("a", "b"))
    found = findings(X[:, 1] * X[:, 0] ** 2, x=x, origins=origins)
    nan, u = float("nan"), sympy.Symbol(origins.names_beside[0])
    offset = 2000 - origins.numbers[0]
    beside = Law(B * (u - offset) ** 2, (u, B), nan, nan, nan, nan, (), "", "a test")
    assert found.add_put_back(beside)
    assert found.shortest.expression == B * (A - 2000) ** 2 and found.has("exact")
    assert not findings(X[:, 0]).add_put_back(beside)
