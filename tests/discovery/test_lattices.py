import numpy as np
import pytest
import sympy

from edgewise import discover
from edgewise.discovery.lattices import lines_on_waves, spacing

A, B = sympy.symbols("a b")
EVEN = np.stack([np.arange(100) * 0.5 + 0.1, np.random.default_rng(0).uniform(0, 9, 100)], 1)


@pytest.mark.parametrize(
    ("column", "step"),
    [
        (np.linspace(0, 10, 101), 0.1),
        (np.array([3.0, 1.0, 7.0, 5.0]), 2.0),
        (np.array([1.0, 3.0, 6.0, 10.0]), None),  # no two are as close as their lattice: not even enough
        (np.random.default_rng(0).uniform(0, 1, 50), None),
        (np.array([1.0, 2.0]), None),
    ],
    ids=["linspace", "unordered", "gaps", "uniform", "two values"],
)
def test_the_spacing_of_a_column(column, step):
    assert spacing(column) == (None if step is None else pytest.approx(step))


def test_integers_drawn_at_random_lie_on_a_lattice():
    assert spacing(np.random.default_rng(0).integers(10, 1000, 800).astype(float)) == pytest.approx(1)


@pytest.mark.parametrize(
    ("law", "said"),
    [
        (sympy.sin(2.0 * A), "a faster one of 10.5664*a"),
        (sympy.cos(11.0 * A) * B, "a slower one of 1.56637*a"),
        (sympy.sin(7 * A + B), "a slower one of 5.56637*a"),
    ],
    ids=str,
)
def test_waves_that_others_agree_with_are_named(law, said):
    lines = lines_on_waves(law, [A, B], EVEN)
    assert len(lines) == 1
    assert said in lines[0]


@pytest.mark.parametrize("law", [sympy.sin(0.3 * A), sympy.sin(9 * B), A**2, sympy.sin(A**2)], ids=str)
def test_nothing_is_said_of_others(law):
    assert lines_on_waves(law, [A, B], EVEN) == []


def test_discover_says_so():
    x = np.arange(100.0)
    found = discover(x[:, None], np.cos(5 * x), names=["a"], networks=False)
    assert found.best.verdict == "exact"
    assert any("the wave may be another" in note and "5*a" in note for note in found.notes)
