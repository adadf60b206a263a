from __future__ import annotations

import inspect

import pytest

from edgewise import KAN, Checkpoint, GridExtension, GridUpdates, Penalty
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
    sparse = FitSettings(lamb=0.1, update_grid=GridUpdates(3)).grid_updates
    assert (sparse.num, sparse.sparsify) == (3, True)


def test_a_number_is_short_for_the_settings():
    assert FitSettings(lamb=0.1).sparsity == FitSettings(penalty=0.1).sparsity == Penalty(0.1)
    assert FitSettings(grids=5).grid_extension == GridExtension(5)
    assert FitSettings(checkpoint="run").checkpoints == Checkpoint("run", every=10)
    assert FitSettings().checkpoints is None


def test_a_penalty_beside_lamb_is_refused():
    with pytest.raises(InputError, match=r"^fit: penalty must be left out with lamb; got Penalty"):
        _ = FitSettings(lamb=0.1, penalty=Penalty(0.2)).sparsity


@pytest.mark.parametrize("updates", [3, "often", None])
def test_grid_updates_that_are_none_are_refused(updates):
    with pytest.raises(InputError, match="^fit: update_grid must be True, False or GridUpdates"):
        _ = FitSettings(update_grid=updates).grid_updates


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("lamb_l1", "Penalty(lamb, l1=...)"), ("lamb_entropy", "entropy=..."), ("grid_update_num", "GridUpdates(num=...)"),
        ("stop_grid_update_step", "GridUpdates(stop=...)"), ("step", "Did you mean steps?"),
    ],
)  # fmt: skip
def test_spellings_of_pykan_are_answered_with_ours(name, advice):
    for call in (fit, KAN.fit):
        with pytest.raises(InputError, match="^fit: arguments must be among ") as caught:
            call(KAN([1, 1]), ([[0.0]], [[0.0]]), **{name: 1})
        assert advice in str(caught.value)


@pytest.mark.parametrize("wrong", [{"steps": -1}, {"patience": 0}, {"seed": 0.5}, {"callback": 3}])
def test_what_does_not_hold_is_refused(wrong):
    with pytest.raises(InputError, match=f"^fit: {next(iter(wrong))} must be"):
        FitSettings(**wrong).check()
