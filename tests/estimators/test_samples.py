from __future__ import annotations

import numpy as np
import pytest
import torch

from edgewise.estimators.samples import deduplicate, splits, typical


def contingency(count=1000, seed=0):
    random = np.random.default_rng(seed)
    x = random.integers(0, 2, (count, 2)).astype(float)
    return x, (random.random(count) < 0.3).astype(int)


def ones(y):
    return np.ones(len(y))


def test_rows_of_a_contingency_table_are_divided_as_they_would_be_one_by_one():
    x, y = contingency()
    samples = deduplicate(x, y, ones(y))
    assert len(samples) == 8 and samples.size == 1000
    pairs = splits(samples, 0.2, 3, seed=0)
    for train, validation in pairs:
        assert len(train) == len(validation) == 8
        assert float(train.weights.sum() + validation.weights.sum()) == pytest.approx(1000)
        assert abs(float(validation.weights.sum()) - 1000 / 3) < 2
    shares = [float(v.weights[v.y == 1].sum() / v.weights.sum()) for _, v in pairs]
    assert max(shares) - min(shares) < 0.01  # classes evenly
    cells = torch.stack([validation.weights for _, validation in pairs])
    assert (cells.std(0) > 1).any()  # cells by chance: equal shares everywhere would judge noise to be law
    torch.testing.assert_close(cells.sum(0), samples.weights)


def test_copies_of_continuous_rows_stay_together():
    random = np.random.default_rng(0)
    x = random.normal(size=(60, 3))
    again = random.integers(0, 60, 600)
    samples = deduplicate(x[again], x[again].sum(1, keepdims=True), ones(again))
    assert samples.counts is None and samples.size == len(samples) == 60
    for train, validation in splits(samples, 0.2, 3, seed=0):
        assert not {tuple(row) for row in train.x.tolist()} & {tuple(row) for row in validation.x.tolist()}


def test_rows_that_share_a_continuous_input_but_not_the_target_are_rows():
    random = np.random.default_rng(0)
    age = random.integers(18, 90, 5000).astype(float)[:, None]
    assert deduplicate(age, random.normal(size=(5000, 1)), ones(age)).size == 5000


@pytest.mark.parametrize("copies", [2, 5])
def test_a_weight_is_as_many_rows(copies):
    x, y = contingency(200)
    weighted = deduplicate(x, y, np.full(200, float(copies)))
    repeated = deduplicate(np.tile(x, (copies, 1)), np.tile(y, copies), np.ones(200 * copies))
    for one, other in zip(splits(weighted, 0.2, 3, 0), splits(repeated, 0.2, 3, 0), strict=True):
        for part, same in zip(one, other, strict=True):
            torch.testing.assert_close(part.weights, same.weights, rtol=0, atol=0)


def test_neither_order_nor_rows_without_weight_count():
    x, y = contingency(300)
    order = np.random.default_rng(1).permutation(300)
    samples = deduplicate(x, y, ones(y))
    moved = deduplicate(
        np.concatenate([x[order], x[:50] + 7]),
        np.concatenate([y[order], y[:50]]),
        np.repeat([1.0, 0.0], [300, 50]),
    )
    torch.testing.assert_close(samples.weights, moved.weights)
    torch.testing.assert_close(samples.counts, moved.counts)


def test_weights_that_are_no_numbers_of_rows_leave_each_row_one():
    x, y = contingency(300)
    samples = deduplicate(x, y, np.random.default_rng(2).random(300))
    assert samples.size == 300
    ((train, validation),) = splits(samples, 0.25, 1, seed=0)
    assert float(train.weights.sum() + validation.weights.sum()) == pytest.approx(
        float(samples.weights.sum())
    )


def test_weights_of_classes_do_not_make_rows():
    x, y = contingency(300)
    assert deduplicate(x, y, np.where(y == 1, 8.0, 1.0), repeats=ones(y)).size == 300


def test_weights_of_thousands_of_millions_are_divided_too():
    x, y = contingency(50)
    samples = deduplicate(x, y, np.full(50, 1e12))
    assert len(splits(samples, 0.2, 3, seed=0)) == 3


def test_typical_rows_have_the_shares_of_all():
    x, y = contingency(5000)
    samples = deduplicate(x, y, ones(y))
    kept, weights = typical(samples, 1000)
    assert len(kept) == 1000 and float(weights.unique()) == 1.0
    assert float(samples.y[kept].double().mean()) == pytest.approx(y.mean(), abs=0.04)
