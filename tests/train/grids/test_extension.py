"""Grid extension by least squares: the error falls as the splines allow, from any start."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from edgewise.errors import InputError
from edgewise.network import Network, build, set_formula
from edgewise.optim import LevenbergMarquardt
from edgewise.train.grids.extension import extend_grids
from edgewise.train.grids.grid_extension import GridExtension


def data(dtype: torch.dtype = torch.float64, noise: float = 0.0) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    parts = {}
    for name in ("train", "test"):
        x = 2 * torch.rand(400, 2, generator=generator, dtype=torch.float64) - 1
        y = torch.exp(torch.sin(torch.pi * x[:, [0]]) + x[:, [1]] ** 2)
        y = y + noise * torch.randn(y.shape, generator=generator, dtype=torch.float64)
        parts |= {f"{name}_input": x.to(dtype), f"{name}_label": y.to(dtype)}
    return parts


def network(seed: int = 0, dtype: torch.dtype = torch.float64) -> Network:
    return build([2, 1, 1], grid=3, dtype=dtype, seed=seed)


@pytest.mark.parametrize("seed", [0, 2])
def test_the_error_falls_with_the_fourth_power_of_the_grid(seed: int) -> None:
    model = network(seed)
    kept = model.layers[0].basis.coef.clone()
    result = extend_grids(model, data(), GridExtension([5, 10, 20], n_starts=6))
    tests = [stage.test_loss or 1.0 for stage in result.stages]
    assert tests[0] < 1e-2
    assert tests[-1] < 1e-4
    assert result.model.grid == (20, 20)
    assert torch.equal(model.layers[0].basis.coef, kept)
    assert "best grid 20" in repr(result)


def test_auto_stops_where_noise_is_all_that_is_left() -> None:
    result = extend_grids(network(), data(noise=0.05), GridExtension(n_starts=3))
    assert len(result.stages) < 6
    assert result.detail and result.detail in repr(result)
    assert result.stages[result.best].test_loss == pytest.approx(0.05, rel=0.3)


def test_single_precision_stays_what_it_is() -> None:
    result = extend_grids(
        network(dtype=torch.float32), data(torch.float32), GridExtension([3, 6], n_starts=3)
    )
    assert result.model.layers[0].basis.coef.dtype == torch.float32


@pytest.mark.parametrize("grids", [[], [5, 3], [3, 3], [0, 2], "all", [2.5]])
def test_grids_must_rise(grids: Any) -> None:
    with pytest.raises(InputError, match="grids must be"):
        extend_grids(network(), data(), GridExtension(grids))


def test_formula_edges_are_refused() -> None:
    with pytest.raises(InputError, match="spline edges"):
        extend_grids(set_formula(network(), (0, 0, 0), "sin"), data())


def test_settings_of_the_solver_may_be_given() -> None:
    bent = LevenbergMarquardt(solver="qr", geodesic_acceleration=0.75, monotone_scaling=False)
    result = extend_grids(network(), data(), GridExtension([5, 10], n_starts=3, start_steps=20), solver=bent)
    assert (result.stages[-1].test_loss or 1.0) < 1e-3
