from __future__ import annotations

import math

import pytest
import torch

from edgewise._checks import as_generator, as_int
from edgewise.errors import InputError, UnknownName
from edgewise.layers import INITIALISATIONS, KANLayer, LayerShape, glorot, paper, power
from edgewise.layers.init import find_initialisation

SILU = torch.nn.functional.silu


def drawn(init, *sizes, base=SILU):
    return init(LayerShape(*sizes, base), torch.Generator().manual_seed(0))


def test_paper_has_the_spread_of_the_paper():
    start = drawn(paper, 50, 40, 5, 3)
    assert float(start.coef.std()) == pytest.approx(0.1, rel=0.03)
    assert float(start.scale_base.std()) == pytest.approx(math.sqrt(2 / 90), rel=0.05)


def test_power_falls_with_terms_and_inputs():
    start = drawn(power, 50, 40, 5, 3)
    terms = 9 * 50
    assert float(start.coef.std()) == pytest.approx(terms**-1.75, rel=0.03)
    assert float(start.scale_base.std()) == pytest.approx(terms**-0.25, rel=0.05)


def test_glorot_keeps_the_variance_of_values_when_in_and_out_are_alike():
    torch_like = KANLayer(64, 64, grid=5, k=3, init="glorot", dtype=torch.float64, seed=0)
    x = torch.rand(2000, 64, generator=torch.Generator().manual_seed(1), dtype=torch.float64) * 2 - 1
    ratio = float(torch_like(x).detach().var() / x.var())
    # Values and slopes share one budget: between a tenth and twice the variance comes through.
    assert 0.05 < ratio < 2


def test_glorot_of_a_constant_base():
    assert drawn(glorot, 2, 3, 3, 3, base=torch.zeros_like).scale_base.abs().max() == 0
    assert drawn(glorot, 2, 3, 3, 3, base=torch.ones_like).scale_base.isfinite().all()


def test_glorot_inside_no_grad():
    with torch.no_grad():
        assert drawn(glorot, 2, 3, 3, 3).coef.shape == (2, 6, 3)


def test_start_values_do_not_depend_on_the_dtype_asked_for():
    low, high = KANLayer(3, 2, dtype=torch.float32, seed=0), KANLayer(3, 2, dtype=torch.float64, seed=0)
    assert torch.equal(low.coef, high.coef.float())


@pytest.mark.parametrize("name", INITIALISATIONS)
def test_initialisations_are_found_by_name(name):
    assert find_initialisation(name) is INITIALISATIONS[name]


def test_own_initialisations_are_taken_as_they_are():
    def mine(shape, generator):
        return paper(shape, generator)

    assert find_initialisation(mine) is mine
    assert torch.equal(KANLayer(2, 2, init=mine, seed=0).coef, KANLayer(2, 2, init="paper", seed=0).coef)


@pytest.mark.parametrize("name", ["Power", 3, None])
def test_unknown_initialisations_are_refused(name):
    with pytest.raises(UnknownName, match="init must be one of glorot, paper, power"):
        find_initialisation(name)


@pytest.mark.parametrize("seed", [None, "0", -1, 1.5, True, 2**70])
def test_seeds_that_are_no_seeds_are_refused(seed):
    with pytest.raises(InputError, match="seed must be a whole number of at least 0"):
        as_generator(seed)


@pytest.mark.parametrize("value", [0, "3", None, 2.5, True, float("inf"), [1]])
def test_what_is_no_whole_number_is_told(value):
    with pytest.raises(ValueError, match=r".*"):
        as_int(value, 1)


def test_whole_numbers_of_any_kind_become_ints():
    assert [as_int(value, 0) for value in (3, 3.0, torch.tensor(3))] == [3, 3, 3]
