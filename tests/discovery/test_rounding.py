"""The rounding of targets is seen, counts as known noise, and is told."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
import torch

from edgewise.discovery import discover
from edgewise.discovery.rounding import WITHIN_ROUNDING, Precision, rounding_of

RANDOM = np.random.default_rng(0)
X = RANDOM.uniform(0.5, 3, (200, 2))
Y = 2.5 * X[:, 0] * np.exp(-1.5 * X[:, 1])


@pytest.mark.parametrize(
    ("rounded", "name"),
    [
        (Y.round(4), "4 decimals"),
        (Y.round(4).astype(np.float32), "4 decimals"),
        ((1000 * Y).round(), "whole numbers"),
        ((1e5 * Y).round(-1), "multiples of 10"),
        (np.array([float(f"{10 ** (4 * y):.2e}") for y in Y]), "3 digits"),
        (Y.astype(np.float32), "float32"),
        (Y.astype(np.float16), "float16"),
        (torch.tensor(Y).bfloat16().double().numpy(), "bfloat16"),
        ((200 * Y).round() * np.pi / 180 + 0.1, "steps of 0.0174533"),
    ],
)
def test_rounding_is_named(rounded: np.ndarray, name: str) -> None:
    found = rounding_of(rounded.astype(np.float64))
    assert found is not None and found.name == name


def test_what_rounding_took_is_as_large_as_said() -> None:
    for rounded in (Y.round(3), Y.astype(np.float32).astype(np.float64)):
        found = rounding_of(rounded)
        assert found is not None
        took = np.sqrt(np.mean((rounded - Y) ** 2)) * found.roundings
        assert took == pytest.approx(found.deviation, rel=0.3)


def test_numbers_with_all_digits_and_numbers_with_hardly_any_are_not_rounded() -> None:
    assert rounding_of(Y) is None
    assert rounding_of((Y > 1).astype(float)) is None


def test_whole_numbers_of_whole_numbers_are_no_rounding() -> None:
    whole = RANDOM.integers(1, 5, (200, 2)).astype(float)
    assert Precision.of(whole, whole[:, 0] * whole[:, 1] ** 2).deviation == 0
    assert Precision.of(whole / 8, whole[:, 0] * whole[:, 1] / 64).deviation == 0
    assert Precision.of(X, (30 * Y).round()).deviation > 0
    assert Precision.of(X.round(2), (30 * Y).round()).deviation > 0


@pytest.mark.parametrize("kind", ["both", "targets", "columns", "arithmetic", "4 decimals", "whole numbers"])
def test_a_law_of_rounded_samples_is_exact_to_their_precision(kind: str) -> None:
    x, y = X, Y
    if kind in ("both", "columns", "arithmetic"):
        x = x.astype(np.float32)
    if kind in ("both", "targets"):
        y = y.astype(np.float32)
    if kind == "arithmetic":
        y = np.float32(2.5) * x[:, 0] * np.exp(np.float32(-1.5) * x[:, 1])
    if kind == "4 decimals":
        y = y.round(4)
    if kind == "whole numbers":
        y = (1000 * y).round()
    found = discover(x, y, networks=False)
    law = 2.5 * sympy.Symbol("x_1") * sympy.exp(-1.5 * sympy.Symbol("x_2"))
    assert found.best.verdict == WITHIN_ROUNDING
    assert found.stopped == "exact" or kind == "whole numbers"
    size = 1000 if kind == "whole numbers" else 1
    values = sympy.lambdify(sorted(law.free_symbols, key=str), size * law)(*X.T)
    assert np.abs(found.predict(X) - values).max() < (0.5 if kind == "whole numbers" else 1e-4)
    assert "float32" in found.why or "decimals" in found.why or "whole numbers" in found.why
    assert found.noise > 0


def test_targets_of_float32_columns_in_all_digits_are_exact() -> None:
    x = X.astype(np.float32).astype(np.float64)
    assert discover(x, 2.5 * x[:, 0] / (1 + x[:, 1]), networks=False).best.verdict == "exact"


def test_an_approximation_of_rounded_samples_is_none_within_rounding() -> None:
    laws = discover(X, Y.round(4), networks=False).laws
    assert all(law.verdict != WITHIN_ROUNDING for law in laws if law.test_rmse > 1e-4)
