import numpy as np
import pytest

from edgewise.datasets import aubry_andre
from edgewise.errors import InputError, UnknownName


def agreement(table, extended):
    return float(((table["fractal_dimension"] > 0.5) == extended).mean())


def test_generalised_states_change_where_theory_says():
    table = aubry_andre("generalised", 12, 233)
    edge = table["alpha"] * table["energy"] < 2 * (1 - table["strength"])
    assert agreement(table, edge) > 0.97


def test_modified_states_change_where_theory_says():
    table = aubry_andre("modified", 12, 233)
    edge = table["energy"] > table["strength"] * np.cosh(table["decay"]) - np.exp(table["decay"])
    assert agreement(table, edge) > 0.98


@pytest.mark.parametrize(
    "period, size", [(2, lambda e: np.abs(e)), (3, lambda e: np.abs(e**2 - 1))], ids=["2", "3"]
)
def test_mosaic_states_change_where_theory_says(period, size):
    table = aubry_andre("mosaic", 12, 234, period=period)
    assert agreement(table, table["strength"] * size(table["energy"]) < 1) > 0.9


def test_the_ordinary_model_is_all_of_one_kind():
    table = aubry_andre("mosaic", 10, 144, period=1, seed=3)
    clear = np.abs(table["strength"] - 1) > 0.2
    right = (table["fractal_dimension"] > 0.5) == (table["strength"] < 1)
    assert right[clear].mean() > 0.98  # a few states sit at the ends of the chain


def test_rows_are_states_of_one_chain_each():
    table = aubry_andre("modified", 3, 34, seed=5)
    again = aubry_andre("modified", 3, 34, seed=5)
    assert table.rows == 102 and all((table[name] == again[name]).all() for name in table)
    for number in range(3):
        mine = table["realisation"] == number
        assert len(set(table["strength"][mine])) == 1 and (np.diff(table["energy"][mine]) >= 0).all()
    assert (table["ipr"] >= 1 / 34 - 1e-12).all() and (table["ipr"] <= 1 + 1e-12).all()
    assert np.allclose(34.0 ** -table["fractal_dimension"], table["ipr"])


def test_what_it_refuses():
    with pytest.raises(UnknownName, match="Did you mean 'mosaic'"):
        aubry_andre("mosiac")
    with pytest.raises(InputError, match="at least 2"):
        aubry_andre("mosaic", sites=1)
    with pytest.raises(InputError, match="positive"):
        aubry_andre("modified", realisations=0)
