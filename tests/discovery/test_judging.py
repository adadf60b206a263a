from __future__ import annotations

import numpy as np
import sympy

from edgewise.discovery import Law
from edgewise.discovery.judge import law_bits
from edgewise.discovery.judging import Measure, judged
from edgewise.discovery.rounding import Precision
from edgewise.discovery.split import Split

T, B = sympy.symbols("t b")
X = np.random.default_rng(0).uniform((1990, 1), (2020, 3), (100, 2))
NONE = Precision(None, (), 0.0)


def law(expression):
    nan = float("nan")
    return Law(expression, (T, B), 0.1, nan, nan, nan, (), "", "")


def test_of_exact_laws_the_shorter_is_better():
    y = X[:, 1] * (X[:, 0] - 1992)
    samples = Split(X[:80], y[:80], X[80:], y[80:])
    by = Measure(float(y.std()), 0.0, 0.0, NONE, (100, 100))
    short, long = judged(law(B * (T - 1992)), samples, by), judged(law(B * T - 1992 * B), samples, by)
    assert short.verdict == long.verdict == "exact"
    assert long.bits - short.bits == law_bits(long.expression, 0.0) - law_bits(short.expression, 0.0)


def test_verdicts():
    y = X[:, 1] * (X[:, 0] - 1992)
    samples = Split(X[:80], y[:80], X[80:], y[80:])
    by = Measure(float(y.std()), 0.0, 0.01, NONE, (100, 100))
    assert judged(law(B * (T - 1992)), samples, by).verdict == "exact"
    assert judged(law(B * (T - sympy.Float(1992.01))), samples, by).verdict == "within noise"
    assert judged(law(B * (T - 1993)), samples, by).verdict == "approximation"
