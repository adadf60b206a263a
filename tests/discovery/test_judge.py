from __future__ import annotations

import numpy as np
import pytest
import sympy

from edgewise.discovery.judge import (
    complexity,
    constant_bits,
    data_bits,
    expected_error,
    is_near_most,
    law_bits,
)

X = sympy.Symbol("x")


def test_more_parts_and_longer_numbers_are_more_bits():
    laws = [X, 2 * X, sympy.Rational(3, 2) * X, sympy.Rational(7, 5) * X, sympy.Rational(7, 5) * X + 3]
    bits = [law_bits(law, 0.0) for law in laws]
    assert bits == sorted(bits)
    assert law_bits(2.71 * X, 9.0) == law_bits(3.14 * X, 0.0) + 9
    assert complexity(X) < complexity(sympy.sin(X) + X)


def test_constants_cost_the_digits_that_the_samples_decide():
    bits = [constant_bits(3.0, error) for error in (np.inf, 9.0, 0.3, 0.03, 1e-9, 0.0)]
    assert bits == sorted(bits)
    assert bits[0] == bits[1] < bits[2]
    assert constant_bits(3e20, 0.3e20) == bits[2]


def test_half_the_error_is_a_bit_a_sample_down_to_the_noise():
    assert np.isclose(data_bits(0.2, 3.0, 100, 0.01) - data_bits(0.1, 3.0, 100, 0.01), 100)
    noise = 0.1 * 3.0
    assert abs(data_bits(noise, 3.0, 100, 0.1)) < 1e-9
    assert -73 < data_bits(0.0, 3.0, 100, 0.1) < data_bits(noise / 2, 3.0, 100, 0.1) < 0


def test_functions_that_laws_seldom_have_cost_more():
    assert law_bits(sympy.cosh(X), 0.0) == law_bits(sympy.cos(X), 0.0) + 3


def test_the_error_to_be_expected_is_that_of_further_samples():
    random = np.random.default_rng(0)
    found, true = [], []
    for _ in range(200):
        design, noise = random.standard_normal((50, 5)), random.standard_normal(50)
        solution = np.linalg.lstsq(design[:40], noise[:40], rcond=None)[0]
        rest = noise - design @ solution
        sizes = [float(np.sqrt(np.mean(part**2))) for part in (rest[:40], rest[40:])]
        found.append(expected_error(sizes[0], 40, 5, sizes[1], 10) ** 2)
        true.append(1 + solution @ solution)
    assert np.mean(found) == pytest.approx(np.mean(true), rel=0.05)


def test_small_targets_count_too_where_there_are_decades():
    y = np.geomspace(1e-12, 1e12, 99)
    assert is_near_most(y * (1 + 1e-9), y)
    assert not is_near_most(y + 1, y)
    assert is_near_most(np.zeros(5), np.zeros(5))
    assert not is_near_most(np.full(5, np.nan), np.ones(5))
