from __future__ import annotations

import pytest

from edgewise import errors


def test_unknown_name_advises_the_nearest():
    error = errors.unknown_name("fit", "opt", "Adm", ["LBFGS", "Adam"])
    assert isinstance(error, errors.UnknownName)
    assert str(error) == "fit: opt must be one of Adam, LBFGS; got 'Adm'. Did you mean 'Adam'?"


@pytest.mark.parametrize("got", ["zzzz", 3, None])
def test_unknown_name_without_a_near_one(got):
    error = errors.unknown_name("fit", "opt", got, ["LBFGS", "Adam"])
    assert str(error).endswith(f"got {got!r}. Pick one of the names listed.")


@pytest.mark.parametrize(
    ("cls", "builtin"),
    [
        (errors.InputError, ValueError),
        (errors.ShapeError, errors.InputError),
        (errors.UnknownName, errors.InputError),
        (errors.FileError, ValueError),
        (errors.MissingExtra, ImportError),
        (errors.NotAFormula, errors.EdgewiseError),
    ],
)
def test_errors_are_caught_by_root_and_by_what_users_know(cls, builtin):
    assert issubclass(cls, errors.EdgewiseError) and issubclass(cls, builtin)
