from __future__ import annotations

import json
import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgewise.cli.encoding_code import input_lines, output_line, table_code
from edgewise.cli.model_folder import read_model
from edgewise.cli.tables import RawTable
from edgewise.errors import EdgewiseError, FileError


@pytest.mark.parametrize(
    "damage",
    [
        lambda summary: summary.pop("columns"),
        lambda summary: summary["columns"].pop(),
        lambda summary: summary.update(columns=7),
        lambda summary: summary.update(format=99),
        lambda summary: summary.update(classes=3),
        lambda summary: summary["columns"][0].update(fill="much"),
    ],
)
def test_damaged_summaries_are_refused(fitted, tmp_path, damage):
    folder = tmp_path / "copy"
    shutil.copytree(fitted[0], folder)
    summary = json.loads((folder / "model.json").read_text())
    damage(summary)
    (folder / "model.json").write_text(json.dumps(summary))
    with pytest.raises(FileError):
        read_model(folder)


def test_text_that_is_no_json_is_refused(fitted, tmp_path):
    shutil.copytree(fitted[0], tmp_path / "copy")
    (tmp_path / "copy" / "model.json").write_text("[" * 100_000)
    with pytest.raises(FileError):
        read_model(tmp_path / "copy")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def copy(fitted, tmp_path_factory):
    folder = tmp_path_factory.mktemp("copies") / "copy"
    shutil.copytree(fitted[0], folder)
    return folder, (folder / "model.json").read_text()


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_any_value_in_the_summary_is_refused_or_harmless(copy, table, data):
    folder, text = copy
    summary = json.loads(text)
    place, key = summary, data.draw(st.sampled_from(sorted(summary)))
    while isinstance(place[key], (dict, list)) and place[key] and data.draw(st.booleans()):
        place = place[key]
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
    place[key] = data.draw(JSON)
    (folder / "model.json").write_text(json.dumps(summary))
    try:
        found = read_model(folder)
        assert len(found.predict(RawTable(table(3), ()))[0]) == 3
        assert len(input_lines(found)) == len(found.encoder.names)
        compile(table_code(found), "code", "exec")
        output_line(found)
    except EdgewiseError as error:
        assert str(error).startswith(("read: ", "predict: ", "fit: column"))
