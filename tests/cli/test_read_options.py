from __future__ import annotations

import pytest

from edgewise.cli.read_options import ReadOptions, kinds_from
from edgewise.errors import InputError


@pytest.mark.parametrize(
    ("said", "sep"), [("tab", "\t"), ("\\t", "\t"), ("space", " "), (";", ";"), (None, None)]
)
def test_separators_may_be_named(said, sep):
    assert ReadOptions(sep=said).sep == sep


@pytest.mark.parametrize("given", [{"sep": ""}, {"sep": ";;"}, {"decimal": ";"}, {"encoding": "latin-99"}])
def test_what_cannot_be_is_refused(given):
    with pytest.raises(InputError, match="--" + next(iter(given))):
        ReadOptions(**given)


def test_kinds_of_columns():
    assert kinds_from(["b=skip"], ["c, d", "e"]) == {"b": "skip", "c": "text", "d": "text", "e": "text"}
    for wrong in ("a", "=text", "a=words"):
        with pytest.raises(InputError, match="--kind"):
            kinds_from([wrong], [])
