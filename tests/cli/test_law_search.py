from __future__ import annotations

import numpy as np
import pytest

from edgewise.cli.law_search import Asked, Readied
from edgewise.cli.read_options import ReadOptions
from edgewise.cli.tables import read_table
from edgewise.errors import InputError, UnknownName

A, B = np.random.default_rng(0).uniform(1, 2, (2, 30))
NOTHING = ReadOptions()


@pytest.fixture
def raw(tmp_path):
    lines = ["a,b,c,one,text,y", *(f"{a},{b},{b * b + a * b},1,t,{a * b}" for a, b in zip(A, B, strict=True))]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    return read_table(tmp_path / "t.csv", NOTHING)


def asked(**changed):
    plain = {"targets": ["y"], "ignore": [], "required": [], "noise": None, "errors": None, "weights": None}
    return Asked(**{**plain, "units": None, "prescribed": {}, "settings": {}, **changed})


def test_units_of_columns_that_are_left_out_do_not_count(raw, tmp_path):
    units = {"a": "m", "b": "m", "c": "m^2", "one": "kg", "y": "m^2"}
    found = Readied.of(raw, asked(units=units), NOTHING).search(tmp_path / "kept")
    assert str(found["y"].best.expression) == "a*b"


def test_columns_that_are_not_there_are_named(raw):
    for wrong in ({"required": ["z"]}, {"units": {"z": "m"}}, {"errors": "z"}, {"weights": "z"}):
        with pytest.raises(UnknownName, match="got 'z'"):
            Readied.of(raw, asked(**wrong), NOTHING)


def test_a_required_column_that_was_left_out_says_why(raw):
    with pytest.raises(InputError, match="one was left out: it does not vary"):
        Readied.of(raw, asked(required=["one"]), NOTHING)


def test_a_column_has_one_part(raw):
    for twice in ({"targets": ["y", "y"]}, {"errors": "y"}, {"errors": "a", "weights": "a"}):
        with pytest.raises(InputError, match="different columns"):
            Readied.of(raw, asked(**twice), NOTHING)


def test_weights_and_errors_of_rows_come_together(raw):
    noise = Readied.of(raw, asked(targets=["c"], weights="a", errors="b"), NOTHING).noise()
    np.testing.assert_allclose(noise.weights, A)
    np.testing.assert_allclose(noise.noise, B)
    assert Readied.of(raw, asked(noise=0.5), NOTHING).noise() == 0.5
