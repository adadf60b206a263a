"""Training keeps the network that formulas replaced as long as it is the measure of them."""

from __future__ import annotations

import torch

from edgewise import KAN
from edgewise.network import stand_for
from edgewise.train.replaced import review_replaced

X = torch.linspace(-1, 1, 80, dtype=torch.float64)[:, None].repeat(1, 2)
X[:, 1] = X[:, 1].flip(0) ** 3
Y = torch.sin(2 * X[:, :1]) + X[:, 1:] ** 2


def model(steps=10):
    new = KAN([2, 1], grid=3, seed=0, dtype=torch.float64)
    if steps:
        new.fit((X, Y), steps=steps)
    return new


def test_training_the_constants_of_formulas_keeps_it():
    law = model().symbolify(functions=["sin", "x^2"], r2=0.0)
    before = law.replaced(X)
    law.fit((X, Y), steps=2)
    assert torch.equal(law.replaced(X), before)


def test_training_splines_to_a_better_model_makes_that_the_measure():
    half = model(1).fix((0, 1, 0), "x^2")
    half.fit((X, Y), steps=20)
    assert half.replaced is None
    best = half(X).detach()
    assert torch.equal(half.fix((0, 0, 0), "sin").replaced(X), best)


def test_training_splines_beside_a_wrong_formula_keeps_the_better_network():
    half = model(20).fix((0, 1, 0), "x")
    half.fit((X, Y), steps=5)
    assert half.replaced is not None


def test_formulas_set_before_the_first_fit_replaced_nothing():
    new = model(0).fix((0, 0, 0), "sin").fix((0, 1, 0), "x^2")
    assert new.replaced is not None
    new.fit((X, Y), steps=10)
    assert new.replaced is None
    assert new.formula().r2 > 0.999


def test_classes_beside_splines():
    labels = (X[:, 0] > 0).long()
    net = stand_for(KAN([2, 2], seed=0, dtype=torch.float64), KAN([2, 2], seed=1, dtype=torch.float64))
    review_replaced(net, (X, labels))
    assert net.replaced is None
