from __future__ import annotations

import os

import pytest

from edgewise._atomic import replace_file, target_of
from edgewise.errors import InputError


def test_a_file_is_replaced_in_one_move(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    seen = []

    def content(draft):
        draft.write_bytes(b"new")
        seen.append(path.read_bytes())

    replace_file(path, content)
    assert (seen, path.read_bytes()) == ([b"old"], b"new")
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_what_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def content(draft):
        draft.write_bytes(b"half")
        raise RuntimeError("disk full")

    with pytest.raises(RuntimeError):
        replace_file(path, content)
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_a_draft_left_behind_is_used_again(tmp_path):
    (tmp_path / "draft").write_bytes(b"left by a killed program")
    replace_file(tmp_path / "file", b"new", draft="draft")
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_the_file_may_be_read_by_whom_the_system_says(tmp_path):
    mask = os.umask(0o022)
    try:
        replace_file(tmp_path / "file", b"")
    finally:
        os.umask(mask)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o644


def test_places_that_cannot_be_written_are_refused(tmp_path):
    with pytest.raises(InputError, match="save: the folder of path must exist"):
        target_of("save", tmp_path / "no" / "file")
    with pytest.raises(InputError, match="save: path must name a file"):
        target_of("save", tmp_path)
