from __future__ import annotations

import numpy as np
import sympy

from edgewise.discovery.judge import complexity, data_bits, law_bits

X = sympy.Symbol("x")


def test_more_parts_and_longer_numbers_are_more_bits():
    laws = [X, 2 * X, sympy.Rational(3, 2) * X, 2.71 * X, 2.71 * X + 3.14]
    bits = [law_bits(law, 1000) for law in laws]
    assert bits == sorted(bits)
    assert complexity(X) < complexity(sympy.sin(X) + X)


def test_half_the_error_is_a_bit_a_sample_down_to_the_noise():
    assert np.isclose(data_bits(0.2, 3.0, 100, 0.01) - data_bits(0.1, 3.0, 100, 0.01), 100)
    noise = 0.1 * 3.0
    assert abs(data_bits(noise, 3.0, 100, 0.1)) < 1e-9
    assert -73 < data_bits(0.0, 3.0, 100, 0.1) < data_bits(noise / 2, 3.0, 100, 0.1) < 0
