import pytest
import torch

from edgewise.datasets import shuffled_copies
from edgewise.errors import InputError


def related(n=200):
    x = torch.linspace(-1, 1, n, dtype=torch.float64)
    return torch.stack([x, x**2, x**3], 1)


def test_columns_keep_their_values_and_lose_their_company():
    x = related()
    both, labels = shuffled_copies(x, seed=3)
    assert torch.equal(both[:200], x) and labels[:, 0].tolist() == [1.0] * 200 + [0.0] * 200
    copies = both[200:]
    assert torch.equal(copies.sort(0).values, x.sort(0).values)
    assert abs(float(torch.corrcoef(copies.T)[0, 2])) < 0.3 < float(torch.corrcoef(x.T)[0, 2])
    again, _ = shuffled_copies(x, seed=3)
    assert torch.equal(again, both)


def test_sets_of_columns_stay_together():
    both, _ = shuffled_copies(related(), together=[(0, 2)])
    copies = both[200:]
    assert torch.allclose(copies[:, 2], copies[:, 0] ** 3)
    assert not torch.allclose(copies[:, 1], copies[:, 0] ** 2)


def test_what_comes_in_stays_as_it_is():
    x = related()
    before = x.clone()
    both, labels = shuffled_copies(x.float().numpy())
    assert torch.equal(x, before) and both.dtype == labels.dtype == torch.float32
    with pytest.raises(InputError, match="shuffled_copies"):
        shuffled_copies([["a", "b"]])
    with pytest.raises(InputError, match="seed"):
        shuffled_copies(x, seed="no")
