from __future__ import annotations

import numpy as np
import pytest
import torch

from edgewise.errors import InputError
from edgewise.explain import Errors, diagnose, diagnose_errors, diagnose_network
from edgewise.explain.diagnose import condition_number
from edgewise.layers import KANLayer
from edgewise.network import build, update_grid
from edgewise.train import fit


def by_name(findings):
    return {finding.name: finding for finding in findings}


def data(target, count=400):
    x = torch.rand(count, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 2 - 1
    half = count // 2
    y = target(x)
    return {
        "train_input": x[:half],
        "train_label": y[:half],
        "test_input": x[half:],
        "test_label": y[half:],
    }


@pytest.mark.parametrize(
    ("errors", "cause"),
    [
        (Errors("rmse", 0.5), "no test samples"),
        (Errors("rmse", 0.9, 1.0, 1.0), "no signal"),
        (Errors("rmse", 0.1, 0.5, 1.0), "overfitting"),
        (Errors("log_loss", 0.8, 0.85, 1.0), "underfitting"),
        (Errors("rmse", (1 - 0.33) ** 0.5, (1 - 0.07) ** 0.5, 1.0), "overfitting"),
        (Errors("rmse", 0.75, 0.9, 1.0), "overfitting"),
        (Errors("log_loss", 0.4, 0.6, 0.69), "overfitting"),
        (Errors("rmse", 0.8, 0.84, 1.0), "underfitting"),
        (Errors("rmse", 0.75, 0.8, 1.0), "underfitting"),
        (Errors("rmse", 0.1, 0.11, 1.0), ""),
    ],
    ids=str,
)
def test_errors_are_told_apart(errors, cause):
    found = diagnose_errors(errors)
    assert found.cause == cause and bool(found.advice) == bool(cause)


def test_a_good_fit_on_many_samples_needs_no_advice():
    samples = data(lambda x: x[:, :1] ** 2 + x[:, 1:])
    model = build([2, 1], grid=4, dtype=torch.float64)
    fit(model, samples, steps=10)
    findings = diagnose(model, samples)
    assert [found for found in findings if found.advice] == []
    assert findings[0].name == "error"


def test_noise_is_called_noise():
    noise = data(lambda x: torch.randn(len(x), 1, generator=torch.Generator().manual_seed(1)).double())
    model = build([2, 1], grid=3, dtype=torch.float64)
    fit(model, noise, steps=10)
    assert by_name(diagnose(model, noise))["error"].cause == "no signal"


def test_without_test_samples_it_says_so():
    x = torch.linspace(-1, 1, 300)[:, None]
    assert by_name(diagnose(build([1, 1]), (x, x)))["held-out error"].cause == "no test samples"


def test_a_grid_finer_than_the_data_is_found():
    model = build([1, 1], grid=60)
    x = torch.cat([torch.linspace(-1, -0.9, 200), torch.tensor([1.0])])[:, None]
    assert by_name(diagnose_network(model, x))["dead knots"].cause == "dead knots"


def test_new_rows_outside_the_range_are_found():
    model, x = build([1, 1]), torch.linspace(-1, 1, 300)[:, None]
    assert by_name(diagnose_network(model, x))["rows outside the range of training"].cause == ""
    found = by_name(diagnose_network(model, x, new=x * 2))["rows outside the range of training"]
    assert found.cause == "extrapolation" and "x_1" in found.value


def test_hidden_nodes_outside_their_grids_are_found():
    model = build([1, 3, 1], seed=0)
    x = torch.linspace(-1, 1, 300)[:, None]
    update_grid(model, x)
    assert by_name(diagnose_network(model, x))["hidden nodes outside their grids"].cause == ""
    with torch.no_grad():
        model.layers[0].nodes.node_scale.mul_(5)
    assert by_name(diagnose_network(model, x))["hidden nodes outside their grids"].cause == "saturation"


def test_columns_that_say_the_same_are_found():
    x = torch.linspace(-1, 1, 300, dtype=torch.float64)[:, None]
    found = by_name(diagnose_network(build([2, 1], dtype=torch.float64), torch.cat([x, 0.5 * x], 1)))
    assert found["condition of the inputs' curves"].cause == "collinearity"


def test_few_rows_are_counted_where_the_samples_are_only_some():
    x = torch.linspace(-1, 1, 50)[:, None]
    assert by_name(diagnose_network(build([1, 1]), x))["size"].cause == "few samples"
    assert by_name(diagnose_network(build([1, 1]), x, rows=500))["size"].cause == ""


def test_the_condition_number_is_that_of_correlated_columns():
    h = torch.tensor(np.random.default_rng(0).multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], 20000) / 5)
    assert condition_number(KANLayer(2, 1, dtype=torch.float64), h) == pytest.approx(1.6 / 0.4, rel=0.05)


def test_what_is_no_data_is_refused():
    with pytest.raises(InputError, match="diagnose"):
        diagnose(build([1, 1]), ([[float("nan")]], [1.0]))


def causes(model, x):
    return [finding.cause for finding in diagnose_network(model, x)]


def indicators(levels, count):
    return torch.nn.functional.one_hot(levels, count).double()


def test_columns_of_levels_are_not_called_collinear():
    generator = torch.Generator().manual_seed(0)
    first, second = (torch.randint(0, count, (400,), generator=generator) for count in (5, 3))
    number = torch.randn(400, 1, generator=generator, dtype=torch.float64)
    x = torch.cat([indicators(first, 5), number, indicators(second, 3), (number > 0).double()], dim=1)
    model = build([x.shape[1], 1], dtype=torch.float64)
    assert "collinearity" not in causes(model, x)
    assert "collinearity" not in causes(model, 2.5 * (x - 0.3))


def test_columns_that_repeat_others_are_called_collinear_beside_levels_too():
    generator = torch.Generator().manual_seed(0)
    levels = torch.randint(0, 4, (400,), generator=generator)
    number = torch.rand(400, 1, generator=generator, dtype=torch.float64)
    for copy in (number, 2 * number - 1, indicators(levels, 4)[:, :1]):
        x = torch.cat([number, indicators(levels, 4), copy], dim=1)
        assert "collinearity" in causes(build([x.shape[1], 1], dtype=torch.float64), x)
