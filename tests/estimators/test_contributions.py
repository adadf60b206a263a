from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
import torch

from edgewise.errors import UnknownName
from edgewise.estimators.contributions import Contributions, shapley_values
from edgewise.network import build


def deep(columns, seed=0, outputs=1):
    model = build([columns, 4, outputs], seed=seed, dtype=torch.float64)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for layer in model.layers:
            layer.basis.coef.normal_(generator=generator)
    return model, torch.rand(30, columns, generator=generator, dtype=torch.float64)


def by_all_orders(model, x, background, groups, weights):
    """Shapley values by their definition: the mean over all orders of what each group adds."""
    share, count = weights / weights.sum(), int(groups.max()) + 1

    def value(row, inside):
        mixed = background.clone()
        columns = torch.isin(groups, torch.tensor(inside, dtype=torch.long))
        mixed[:, columns] = row[columns]
        return share @ model(mixed).detach()

    found = torch.zeros(len(x), count, model.layers[-1].out_features, dtype=x.dtype)
    orders = list(permutations(range(count)))
    for n, row in enumerate(x):
        for order in orders:
            for place, group in enumerate(order):
                found[n, group] += value(row, order[: place + 1]) - value(row, order[:place])
    return found / len(orders)


@pytest.mark.parametrize(("columns", "groups"), [(3, [0, 1, 2]), (4, [0, 1, 1, 2]), (1, [0])])
def test_enumerated_values_are_those_of_the_definition(columns, groups):
    model, x = deep(columns, outputs=2)
    weights = torch.rand(20, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    base, values = shapley_values(model, x[:3], x[10:], weights, torch.tensor(groups))
    want = by_all_orders(model, x[:3], x[10:], torch.tensor(groups), weights)
    torch.testing.assert_close(values, want)
    torch.testing.assert_close(base + values.sum(1), model(x[:3]).detach())


def test_values_of_drawn_orders_come_near_and_add_up_exactly(monkeypatch):
    model, x = deep(4)
    groups, weights = torch.arange(4), torch.ones(30, dtype=torch.float64)
    exact = shapley_values(model, x, x, weights, groups)[1]
    monkeypatch.setattr("edgewise.estimators.contributions._MOST_ENUMERATED", 0)
    base, values = shapley_values(model, x, x, weights, groups)
    torch.testing.assert_close(base + values.sum(1), model(x).detach())
    assert float((values - exact).abs().max()) < 0.2 * float(exact.std())
    assert torch.equal(values, shapley_values(model, x, x, weights, groups)[1])


def test_of_a_sum_of_curves_they_are_the_curves_by_either_way(monkeypatch):
    model, x = deep(3)
    weights = torch.arange(1.0, 31.0, dtype=torch.float64)
    layer = model.layers[0]
    flat = build([3, 1], seed=0, dtype=torch.float64)
    with torch.no_grad():
        flat.layers[0].basis.coef.copy_(layer.basis.coef[:, :, :1])
    edges = flat.layers[0].edges(x).detach()
    want = edges - (weights[:, None, None] * edges).sum(0) / weights.sum()
    torch.testing.assert_close(shapley_values(flat, x, x, weights, torch.arange(3))[1], want)


def test_a_column_that_is_not_read_has_none():
    model, x = deep(3)
    with torch.no_grad():
        model.layers[0].basis.coef[1] = 0.0
        model.layers[0].basis.scale_base[1] = 0.0
    values = shapley_values(model, x, x, torch.ones(30, dtype=torch.float64), torch.arange(3))[1]
    assert bool((values[:, 1] == 0).all()) and float(values.abs().max()) > 0


def test_columns_of_one_output_are_a_table():
    parts = Contributions(np.array([1.0, 2.0]), np.ones((3, 2, 2)), ("a", "base"), ("u", "v"))
    assert parts.totals.shape == (3, 2)
    assert {name: column[0] for name, column in parts.columns("v").items()} == {
        "base value": 2,
        "a": 1,
        "base": 1,
    }
    with pytest.raises(UnknownName, match="'w'"):
        parts.columns("w")
