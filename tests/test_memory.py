from __future__ import annotations

import pytest
import torch

from edgewise import KAN, KANLayer, _memory, refine, trace
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


HUGE = [
    lambda: KAN([10**6, 10**6, 1]),
    lambda: KAN([2, 5, 1], grid=10**13),
    lambda: KAN([2, (0, 10**13), 1]),
    lambda: KAN([2, (0, [10**13]), 1]),
    lambda: KAN([10**30, 10**30]),
    lambda: KANLayer(10**7, 10**7),
    lambda: refine(KAN([2, 5, 1]), 10**13),
    lambda: trace(KAN([1, 1000], grid=1, k=0), torch.zeros(1, 1).expand(2**31, 1)[: 2**20]),
]


@pytest.mark.parametrize("make", HUGE)
def test_what_memory_cannot_hold_is_refused_before_any_of_it_is_made(make, monkeypatch):
    monkeypatch.setattr(_memory, "available_memory", lambda: 2**31)
    with pytest.raises(InputError, match="must fit into memory; it needs about .* GiB, and 2.0 GiB are free"):
        make()
