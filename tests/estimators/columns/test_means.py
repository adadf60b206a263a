from __future__ import annotations

import numpy as np
import pytest

from edgewise.estimators.columns.means import adjusted_means, folds_of, level_means


def many(rows=3000, levels=500, spread=1.0, seed=0):
    random = np.random.default_rng(seed)
    places = np.concatenate([np.arange(levels), random.integers(0, levels, rows - levels)])
    truth = spread * random.normal(size=levels)
    return places, truth, (truth[places] + random.normal(size=rows))[:, None], np.arange(rows) % 5


def test_means_are_drawn_to_the_overall_one_as_the_best_guess_asks():
    places, truth, targets, folds = many()
    found = level_means(places, targets, np.ones(len(places)), folds).means[:, 0]
    counts = np.bincount(places)
    plain = np.bincount(places, targets[:, 0]) / counts
    best = targets.mean() + counts / (counts + 1) * (plain - targets.mean())  # both variances are 1
    np.testing.assert_allclose(found, best, atol=0.1)
    assert np.square(found - truth).mean() < np.square(plain - truth).mean()


def test_a_row_does_not_find_its_own_target_in_its_code():
    places, _, targets, folds = many(spread=1e-3)
    changed = targets.copy()
    changed[17] += 1e-3
    one, other = (level_means(places, y, np.ones(len(places)), folds).training for y in (targets, changed))
    np.testing.assert_allclose(one[17], other[17], atol=1e-5)


def test_levels_that_say_nothing_all_have_the_overall_mean():
    places, _, targets, folds = many(spread=0.0)
    found = level_means(places, targets, np.ones(len(places)), folds)
    assert not found.says_something
    np.testing.assert_allclose(found.means, targets.mean())
    np.testing.assert_allclose(found.training, targets.mean())


def test_names_that_occur_once_say_nothing():
    targets = np.random.default_rng(0).normal(size=(100, 1))
    found = level_means(np.arange(100), targets, np.ones(100), np.arange(100) % 5)
    assert not found.says_something and np.ptp(found.training) == pytest.approx(0)


def test_weights_say_the_same_as_repeated_rows():
    places, _, targets, folds = many(200, 20)
    weights = 1.0 + np.arange(200) % 3
    weighed = level_means(places, targets, weights, folds)
    again = np.repeat(np.arange(200), weights.astype(int))
    repeated = level_means(places[again], targets[again], np.ones(len(again)), folds[again])
    np.testing.assert_allclose(weighed.means, repeated.means)
    np.testing.assert_allclose(weighed.training[again], repeated.training)


def test_equal_rows_share_a_fold_in_any_order():
    table = np.random.default_rng(0).integers(0, 5, (60, 2)).astype(float)
    order = np.random.default_rng(1).permutation(60)
    _, kinds, folds = folds_of([table], 0)
    _, other, again = folds_of([table[order]], 0)
    np.testing.assert_array_equal(folds[kinds][order], again[other])


@pytest.mark.parametrize("confounded", [False, True])
def test_means_are_adjusted_for_other_columns(confounded):
    places, truth, targets, folds = many(2000, 100)
    random = np.random.default_rng(1)
    others = random.normal(size=(2000, 2)) + (truth[places][:, None] if confounded else 0)
    y = targets + others @ [[3.0], [-2.0]]
    plain = level_means(places, y, np.ones(2000), folds).means[:, 0]
    (found,) = adjusted_means([places], others, y, np.ones(2000), folds)
    wrong, right = (np.std(means - truth) for means in (plain, found.means[:, 0]))
    assert right < 0.35 < 0.6 < wrong


def test_two_columns_of_levels_are_adjusted_for_each_other():
    random = np.random.default_rng(0)
    first = random.integers(0, 40, 4000)
    second = (first + random.integers(0, 20, 4000)) % 40
    effects = random.normal(size=(2, 40))
    y = (effects[0, first] + effects[1, second] + 0.3 * random.normal(size=4000))[:, None]
    found = adjusted_means([first, second], np.empty((4000, 0)), y, np.ones(4000), np.arange(4000) % 5)
    for one, truth, places in zip(found, effects, (first, second), strict=True):
        assert np.corrcoef(one.means[:, 0], truth)[0, 1] > 0.99
        assert np.corrcoef(one.training[:, 0], truth[places])[0, 1] > 0.98


def test_few_rows_beside_many_columns_are_not_learned_by_heart():
    random = np.random.default_rng(0)
    y, others = random.normal(size=(120, 1)), random.normal(size=(120, 100))
    (found,) = adjusted_means([np.arange(120) % 30], others, y, np.ones(120), np.arange(120) % 5)
    assert abs(np.corrcoef(found.training[:, 0] + random.normal(size=120) * 1e-9, y[:, 0])[0, 1]) < 0.3
