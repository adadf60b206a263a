from __future__ import annotations

import pytest

from edgewise import _memory
from edgewise._memory import available_memory, refuse_beyond_memory
from edgewise.errors import InputError


def test_what_does_not_fit_is_refused_and_what_does_is_not():
    refuse_beyond_memory("KAN", 2**20, "a megabyte")
    with pytest.raises(InputError, match=r"KAN: a planet must fit into memory; it needs about [\d,]+.0 GiB"):
        refuse_beyond_memory("KAN", 2**60, "a planet")


def test_the_tightest_limit_counts(tmp_path, monkeypatch):
    files = [tmp_path / name for name in ("max", "current", "stat")]
    for file, text in zip(files, ["1000000", "500000", "anon 1\ninactive_file 100000\n"], strict=True):
        file.write_text(text)
    monkeypatch.setattr(_memory, "_CGROUPS", (tuple(map(str, files)),))
    assert available_memory() == 600000
    files[0].write_text("max")
    assert available_memory() != 600000


def test_where_the_system_says_nothing_nothing_is_refused(monkeypatch):
    monkeypatch.setattr(_memory, "available_memory", lambda: None)
    refuse_beyond_memory("KAN", 2**60, "a planet")
