from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from edgewise.discovery.subsets import best_subsets


def test_the_best_pair_of_all_is_found_though_neither_is_the_best_alone():
    random = np.random.default_rng(0)
    columns = random.standard_normal((200, 40))
    columns[:, 0] = columns[:, 3] - columns[:, 9] + 0.3 * random.standard_normal(200)  # the best alone
    target = 2 * columns[:, 3] - 2 * columns[:, 9]
    found = best_subsets(columns, np.full(40, 10.0), target, 3, 2)[0]
    assert found.places == (3, 9)
    np.testing.assert_allclose(found.coefficients, [2, -2], rtol=1e-9)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_bits_are_those_of_least_squares(size):
    random = np.random.default_rng(1)
    columns, target = random.standard_normal((60, 7)), random.standard_normal(60)
    costs = random.uniform(0, 3, 7)

    def bits(places):
        used = columns[:, list(places)]
        rest = target - used @ np.linalg.lstsq(used, target, rcond=None)[0]
        return 30 * np.log2(rest @ rest / (target @ target)) + costs[list(places)].sum()

    expected = min(bits(places) for places in combinations(range(7), size))
    found = [one for one in best_subsets(columns, costs, target, size, 3) if len(one.places) == size]
    assert np.isclose(min(one.bits for one in found), expected)


def test_terms_that_do_not_earn_their_bits_stay_out():
    random = np.random.default_rng(2)
    columns = random.standard_normal((300, 50))
    target = columns[:, 4] + 0.5 * columns[:, 8] + 0.2 * random.standard_normal(300)
    assert best_subsets(columns, np.full(50, 12.0), target, 5, 3)[0].places == (4, 8)
