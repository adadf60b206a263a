from __future__ import annotations

import numpy as np
import pytest
import sympy

from edgewise.discovery import Law, discover
from edgewise.discovery.conclusion import concluded
from edgewise.discovery.split import Split
from edgewise.discovery.stability import stability
from edgewise.errors import InputError

A, B = sympy.symbols("a b")
RANDOM = np.random.default_rng(0)
X = RANDOM.uniform(1, 3, (150, 2))


def test_a_clear_law_comes_back():
    y = X[:, 0] * X[:, 1] + 0.02 * RANDOM.standard_normal(150)
    found = stability(discover(X, y, noise=0.02, networks=False), n=20)
    assert found.share >= 0.95 and found.resamples == 20
    assert "of 20 resamples" in str(found)


def test_a_law_that_the_samples_barely_decide_comes_back_less_often():
    y = X[:, 0] + 0.06 * X[:, 1] + 0.1 * RANDOM.standard_normal(150)
    samples = Split(X[:120], y[:120], X[120:], y[120:])
    laws = [
        Law(form, (A, B), 0.1, 0.1, 0.9, bits, (), "within noise", "")
        for form, bits in ((1.1 * A, 19.0), (1.1 * A + 0.06 * B, 20.0))
    ]
    found = concluded(laws, samples, noise=0.1, stopped="all searched")
    one = stability(found, n=40)
    assert 0.1 < one.share < 0.9 and sorted(one.forms) == ["1.1*a", "1.1*a + 0.06*b"]
    assert sum(one.forms.values()) == 40 and "others were 1.1*a + 0.06*b (" in str(one)
    assert str(one) == str(stability(found, n=40))


def test_other_seeds_are_whole_searches():
    found = discover(X, X[:, 0] / X[:, 1])
    one = stability(found, n=0, seeds=2)
    assert one.share_of_seeds == 1.0 and np.isnan(one.share)
    assert str(one) == "found again from 100% of 2 other seeds"


def test_refused():
    none = discover(X, RANDOM.standard_normal(150), networks=False, seconds=3)
    with pytest.raises(InputError, match="there must be a law"):
        stability(none)
    with pytest.raises(InputError, match="n or seeds"):
        stability(discover(X, X[:, 0]), n=0)
