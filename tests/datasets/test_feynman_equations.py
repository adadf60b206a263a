from __future__ import annotations

import re
from fractions import Fraction

import numpy as np
import pytest
import sympy
import torch

from edgewise._formula_text import FormulaReader
from edgewise.datasets import feynman, feynman_names
from edgewise.datasets.feynman_equations import CONSTANTS
from edgewise.errors import InputError, UnknownName
from edgewise.explain import compile
from edgewise.explain.symbolic.compiler.exact import exact_values

NAMES = feynman_names()


class Unit:
    """Exponents of units, with the arithmetic of quantities; sums must be of one unit."""

    def __init__(self, powers=(), number=None):
        self.powers, self.number = {u: Fraction(p) for u, p in dict(powers).items() if p}, number

    @classmethod
    def read(cls, text):
        pairs = [(part.partition("^")[0], part.partition("^")[2] or 1) for part in text.split()]
        return cls({u: Fraction(p) for u, p in pairs if u != "1"})

    def __mul__(self, other):
        names = self.powers.keys() | other.powers.keys()
        return Unit({u: self.powers.get(u, 0) + other.powers.get(u, 0) for u in names})

    def __pow__(self, other):
        exponent = Fraction(other.number).limit_denominator(10)
        return Unit({u: p * exponent for u, p in self.powers.items()})

    def __truediv__(self, other):
        number = self.number / other.number if self.number is not None and other.number is not None else None
        found = self * other ** Unit(number=-1)
        found.number = number
        return found

    def __add__(self, other):
        assert self.powers == other.powers, (self.powers, other.powers)
        return self

    __sub__ = __add__

    def __neg__(self):
        return Unit(self.powers, None if self.number is None else -self.number)


def plain(name):
    def of(argument):
        if name == "sqrt":
            return argument ** Unit(number=0.5)
        assert not argument.powers, (name, argument.powers)
        return Unit()

    return of


@pytest.mark.parametrize("name", NAMES)
def test_units_add_up(name):
    law = feynman(name)
    units = {variable.name: Unit.read(variable.unit) for variable in law.variables}
    units |= {constant: Unit.read(CONSTANTS[constant][1]) for constant in law.constants} | {"pi": Unit()}
    found = FormulaReader(lambda number: Unit(number=number), units.__getitem__, plain).read(law.expression)
    assert found.powers == Unit.read(law.unit).powers


@pytest.mark.parametrize("name", NAMES)
def test_both_sets_of_ranges_give_real_values_of_the_same_law(name):
    law, first = feynman(name), feynman(name, "original")
    for one in (law, first):
        data = one.sample(200, 50, seed=1)
        assert torch.isfinite(data["train_label"]).all()
        assert data["train_input"].shape == (200, len(one.names))
        assert data["train_label"].std() > 0
        for variable, column in zip(one.variables, data["train_input"].T, strict=True):
            assert variable.low - 1e-12 <= column.abs().min() or variable.low < 0
            assert column.abs().max() <= max(abs(variable.high), abs(variable.low)) * (1 + 1e-12)
    if law.output == first.output and law.expression == first.expression:
        x = first.sample(20, 0)["train_input"].numpy()
        columns = dict(zip(first.names, x.T, strict=True))
        at = type(law)(**{**vars(law), "constants": {c: columns[c] for c in law.constants}})
        np.testing.assert_allclose(at(np.stack([columns[v] for v in law.names], 1)), first(x), rtol=1e-13)


def test_there_are_120_equations_in_three_levels():
    assert len(NAMES) == len(set(NAMES)) == 120
    assert [len(feynman_names(level)) for level in ("easy", "medium", "hard")] == [30, 40, 50]
    assert sum(bool(re.fullmatch(r"B\d+", name)) for name in NAMES) == 20


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ranges", ["srsd", "original"])
def test_each_equation_compiles_to_a_network_that_equals_it(name, ranges):
    law = feynman(name, ranges)
    x = law.sample(20, 0, seed=2)["train_input"]
    found = compile(law.text, law.names, x=x)(x).detach().numpy()[:, 0]
    read = {"arcsin": sympy.asin, "arccos": sympy.acos, **{v: sympy.Symbol(v) for v in law.names}}
    expression = sympy.sympify(law.text, locals=read)
    exact = exact_values([expression], [read[v] for v in law.names], x.numpy(), {})[:, 0]
    # At a node of a fast wave a rounded argument leaves no digits, NumPy's values no more than the network's.
    allowed = np.maximum(1e-12 * np.abs(exact), 4 * np.abs(law(x) - exact))
    assert (np.abs(found - exact) <= allowed).all()


def test_noise_is_a_share_of_the_deviation_and_spares_the_test_samples():
    law = feynman("I.12.1")
    clean, noisy = law.sample(4000, 100, seed=3), law.sample(4000, 100, seed=3, noise=0.1)
    assert torch.equal(clean["train_input"], noisy["train_input"])
    assert torch.equal(clean["test_label"], noisy["test_label"])
    off = (noisy["train_label"] - clean["train_label"]).std() / clean["train_label"].std()
    assert abs(off - 0.1) < 0.01


def test_irrelevant_columns_come_last_and_have_ranges_of_variables():
    law = feynman("I.29.4")
    data = law.sample(300, 10, irrelevant=3, seed=4)
    assert data["train_input"].shape == (300, 4)
    np.testing.assert_allclose(law(data["train_input"][:, :1]), data["train_label"][:, 0], rtol=1e-14)
    assert (data["train_input"][:, 1:].abs() >= 1e9).all()


def test_seeds_decide():
    law = feynman("II.35.18")
    one, same, other = (law.sample(50, 10, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(one["train_label"], same["train_label"])
    assert not torch.equal(one["train_label"], other["train_label"])


def test_unknown_names_and_bad_counts_are_refused():
    with pytest.raises(UnknownName, match="feynman: name"):
        feynman("I.1.1")
    with pytest.raises(UnknownName, match="feynman: ranges"):
        feynman("I.12.1", "nature")
    with pytest.raises(UnknownName, match="feynman_names: level"):
        feynman_names("trivial")
    for settings in ({"train_num": 0}, {"noise": -1}, {"noise": float("nan")}, {"irrelevant": -1}):
        with pytest.raises(InputError, match="sample: train_num must be"):
            feynman("I.12.1").sample(**settings)
