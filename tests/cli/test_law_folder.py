from __future__ import annotations

import pytest

from edgewise.cli.law_folder import folders_of, forget_search, goes_on, kept_search
from edgewise.errors import FileError


def test_names_of_targets_become_different_folders(tmp_path):
    targets = ["v/w", "v:w", "V w", "///", "größe"]
    names = [path.name for path in folders_of(tmp_path, targets).values()]
    assert names == ["v_w", "v_w_2", "V_w_3", "law", "größe"]
    assert folders_of(tmp_path, ["v/w"]) == {"v/w": tmp_path}


def test_a_search_is_kept_until_it_is_forgotten(tmp_path):
    folder = tmp_path / "a" / "out"
    with kept_search(folder, go_on=False) as path:
        path.write_text("one")
    with pytest.raises(FileError, match="--resume to go on"):
        goes_on(folder, ["y"], resume=False, force=False)
    assert goes_on(folder, ["y"], resume=True, force=False)
    assert not goes_on(folder, ["y"], resume=False, force=True)
    with kept_search(folder, go_on=True) as path:
        assert path.read_text() == "one"
    with kept_search(folder, go_on=False) as path:
        assert not path.exists()
        path.write_text("two")
    forget_search(folder)
    assert not list(folder.iterdir()) and not goes_on(folder, ["y"], resume=True, force=False)


def test_a_folder_of_which_nothing_comes_goes_again(tmp_path):
    with pytest.raises(ValueError, match="wrong"), kept_search(tmp_path / "out", go_on=False):
        raise ValueError("wrong")
    assert not (tmp_path / "out").exists()


def test_files_of_others_stay(tmp_path):
    (tmp_path / "formula.tex").write_text("mine")
    for resume in (True, False):
        with pytest.raises(FileError, match="formula.tex"):
            goes_on(tmp_path, ["y"], resume=resume, force=False)
