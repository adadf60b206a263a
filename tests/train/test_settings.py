from __future__ import annotations

import inspect

import pytest

from edgewise.errors import InputError
from edgewise.train import fit
from edgewise.train.settings import FitSettings


def test_every_argument_of_fit_has_its_place_and_default():
    arguments = {
        name: one.default
        for name, one in inspect.signature(fit).parameters.items()
        if name not in ("model", "data")
    }
    assert arguments == vars(FitSettings())


def test_grids_stay_where_they_are_without_updates():
    assert FitSettings(update_grid=False).grid_updates.num == 0
    sparse = FitSettings(lamb=0.1, grid_update_num=3).grid_updates
    assert (sparse.num, sparse.sparsify) == (3, True)


@pytest.mark.parametrize("wrong", [{"steps": -1}, {"patience": 0}, {"seed": 0.5}, {"callback": 3}])
def test_what_does_not_hold_is_refused(wrong):
    with pytest.raises(InputError, match=f"^fit: {next(iter(wrong))} must be"):
        FitSettings(**wrong).check()
