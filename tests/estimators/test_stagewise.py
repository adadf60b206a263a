from __future__ import annotations

import torch

from edgewise.estimators.samples import Samples
from edgewise.estimators.stagewise import Stagewise
from edgewise.estimators.task import classes_task, values_task


def table(count=200, columns=60):
    x = torch.randn(count, columns, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return x, torch.ones(count, dtype=torch.float64)


def halves(x, y, weights):
    half = len(x) // 2
    return Samples(x[:half], y[:half], weights[:half]), Samples(x[half:], y[half:], weights[half:])


def test_what_matters_comes_first_by_lines_and_by_squares():
    x, weights = table()
    y = 2 * x[:, 3:4] + x[:, 7:8] ** 2
    task = values_task(y, weights)
    train, aside = halves(x, task.targets(y), weights)
    path = Stagewise(train, task, k=3).run(aside)
    assert path.ranking()[:2].tolist() == [3, 7]
    assert path.best < len(path.columns)


def test_classes_too():
    x, weights = table(300)
    y = (x[:, 3] > 0).long() + ((x[:, 3] > 0) & (x[:, 7] > 0)).long()
    train, aside = halves(x, y, weights)
    path = Stagewise(train, classes_task(y, weights, 3), k=3).run(aside)
    assert set(path.ranking()[:2].tolist()) == {3, 7}


def test_columns_of_two_values_are_not_at_a_disadvantage():
    x, weights = table()
    x[:, 30:] = (x[:, 30:] > 0).double()
    first = []
    for seed in range(12):
        y = torch.randn(200, 1, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
        path = Stagewise(Samples(x, y, weights), values_task(y, weights), k=3).run(steps=10)
        first += path.columns
    share = sum(column >= 30 for column in first) / len(first)
    assert 0.25 < share < 0.75  # targets of noise: either half of the columns is as good
