"""Levenberg-Marquardt in fused code takes the steps of the one in Python."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from edgewise import KAN
from edgewise.edges import native
from edgewise.network import Scaler
from edgewise.optim import LevenbergMarquardt
from edgewise.optim.status import DAMPED_OUT, NOT_FINITE, SMALL_CHANGE, SMALL_GRADIENT
from edgewise.train.objective.fused_residuals import NativeStatus
from edgewise.train.objective.residuals import FitResiduals

pytestmark = pytest.mark.skipif(not native.AVAILABLE, reason="built without the compiled part")


def some_errors(width, batch=37, scaled=False, weighted=False, dtype=torch.float64, seed=0, **settings):
    outputs = width[-1]
    scaler = Scaler(torch.full((outputs,), 0.3), torch.full((outputs,), 2.0)) if scaled else None
    made = {"grid": 4, "affine_trainable": True, **settings}
    model = KAN(width, seed=seed, dtype=dtype, output_scaler=scaler, **made)
    generator = torch.Generator().manual_seed(seed + 1)

    def random(*shape):
        return torch.rand(*shape, generator=generator, dtype=torch.float64).to(dtype)

    with torch.no_grad():
        for part in model.parameters():
            part.add_(0.2 * random(*part.shape) - 0.1)
        for layer in model.layers:
            layer.basis.mask[0, 0] = 0
    x = 2.4 * random(batch, width[0]) - 1.2
    return FitResiduals(model, x, random(batch, outputs), random(batch) if weighted else None)


def both(errors, solver, steps=1):
    """The states that fused code and Python come to from the same one."""
    x = errors.read_from_model()
    states = []
    for problem in (errors.problem, replace(errors.problem, compiled=None)):
        state = solver.start(problem, x)
        for _ in range(steps):
            state = solver.step(problem, state)
        states.append(state)
    return states


def assert_same(found, expected, rtol=1e-7):
    assert found.value == pytest.approx(expected.value, rel=rtol)
    assert found.damping == pytest.approx(expected.damping, rel=1e4 * rtol)
    assert (found.iterations, found.evaluations, found.growth, found.status) == (
        expected.iterations,
        expected.evaluations,
        expected.growth,
        expected.status,
    )
    for name in ("residual", "scale"):
        torch.testing.assert_close(getattr(found, name), getattr(expected, name), rtol=rtol, atol=rtol)


@pytest.mark.parametrize("width", [[2, 5, 1], [3, (2, 2), 4, 1], [1, 1], [2, 3, 2], [2, 1, 2, 1]], ids=str)
@pytest.mark.parametrize("batch", [1, 37, 700])
@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_first_steps_are_those_of_python(width, batch, scaled, weighted):
    errors = some_errors(width, batch, scaled, weighted)
    assert errors.problem.compiled(
        LevenbergMarquardt(), LevenbergMarquardt().start(errors.problem, errors.read_from_model())
    )
    assert_same(*both(errors, LevenbergMarquardt(), steps=3))


@pytest.mark.parametrize("base", ["silu", "identity", "zero"])
@pytest.mark.parametrize("extrapolation", ["linear", "constant", "decay", "periodic"])
def test_every_kind_of_edges(base, extrapolation):
    errors = some_errors([2, 3, 1], k=2, base=base, extrapolation=extrapolation)
    assert_same(*both(errors, LevenbergMarquardt(geodesic_acceleration=0.75), steps=3))


@pytest.mark.parametrize(
    "settings",
    [
        {"geodesic_acceleration": 0.75},
        {"geodesic_acceleration": 1e-3},
        {"monotone_scaling": False, "min_relative_scale": 0.5},
        {"damping_decrease": 0.1, "damping": 10.0},
        {"max_iterations_per_step": 5},
        {"tolerance_change": 0.5},
        {"tolerance_gradient": 1e3},
    ],
    ids=str,
)
def test_every_setting(settings):
    assert_same(*both(some_errors([2, 5, 1]), LevenbergMarquardt(**settings), steps=4))


@pytest.mark.parametrize(("batch", "grid"), [(3000, 4), (200, 60)])
def test_several_blocks_of_samples_and_fine_grids(batch, grid):
    assert_same(*both(some_errors([2, 5, 1], batch, grid=grid), LevenbergMarquardt(), steps=2))


@pytest.mark.parametrize("target", ["baseline", "avx2", "avx512"])
def test_every_kind_of_processor(target):
    if not native.use_target(target):
        pytest.skip("this processor has no such instructions")
    try:
        assert_same(
            *both(some_errors([2, 5, 1], 100), LevenbergMarquardt(geodesic_acceleration=0.75), steps=3)
        )
    finally:
        native.use_target(None)


def test_threads_do_several_at_once():
    solver = LevenbergMarquardt(max_iterations_per_step=10)
    problems = [some_errors([2, 5, 1], 100, seed=seed) for seed in range(4)]

    def minimised(errors):
        return solver.step(errors.problem, solver.start(errors.problem, errors.read_from_model())).x

    expected = [minimised(errors) for errors in problems]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(minimised, problems))
    assert all(torch.equal(*pair) for pair in zip(found, expected, strict=True))


def test_float32_goes_the_same_way():
    errors = some_errors([2, 5, 1], dtype=torch.float32)
    found, expected = both(errors, LevenbergMarquardt(), steps=3)
    assert found.value == pytest.approx(expected.value, rel=1e-3)


def test_long_runs_end_equally_good():
    errors = some_errors([2, 4, 1], 200)
    found, expected = both(errors, LevenbergMarquardt(), steps=40)
    assert found.value == pytest.approx(expected.value, rel=1e-3)


def test_either_may_go_on_where_the_other_stopped():
    errors, solver = some_errors([2, 5, 1]), LevenbergMarquardt()
    plain = replace(errors.problem, compiled=None)
    state = solver.start(plain, errors.read_from_model())
    ways = [(errors.problem, plain), (plain, errors.problem)]
    ends = [solver.step(second, solver.step(first, state)) for first, second in ways]
    assert_same(*ends)


def test_states_are_left_as_they_were():
    errors, solver = some_errors([2, 5, 1]), LevenbergMarquardt()
    state = solver.start(errors.problem, errors.read_from_model())
    x, residual = state.x.clone(), state.residual.clone()
    solver.step(errors.problem, state)
    assert torch.equal(state.x, x)
    assert torch.equal(state.residual, residual)


def test_frozen_parameters_stay():
    model = KAN([2, 3, 1], seed=0, dtype=torch.float64)
    model.layers[0].basis.coef.requires_grad_(False)
    x = torch.rand(30, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    before = model.layers[0].basis.coef.clone()
    errors = FitResiduals(model, x, x[:, :1] * x[:, 1:])
    assert_same(*both(errors, LevenbergMarquardt(), steps=3))
    assert torch.equal(model.layers[0].basis.coef, before)


def test_other_knots_are_taken_note_of():
    errors = some_errors([2, 5, 1])
    solver = LevenbergMarquardt()
    solver.step(errors.problem, solver.start(errors.problem, errors.read_from_model()))
    for layer in errors.model.layers:
        layer.basis.knots = 1.3 * layer.basis.knots
    assert_same(*both(errors, solver, steps=2))


def test_tensors_that_moved_are_taken_note_of():
    errors, solver = some_errors([2, 5, 1]), LevenbergMarquardt()
    solver.step(errors.problem, solver.start(errors.problem, errors.read_from_model()))
    basis = errors.model.layers[0].basis
    basis.mask.data = 0.5 * basis.mask
    assert not errors._fused.is_current()
    assert_same(*both(errors, solver, steps=2))
    assert errors._fused.is_current()


def test_ends_have_the_same_reasons():
    errors = some_errors([2, 2, 1])
    solver = LevenbergMarquardt(tolerance_gradient=1e9)
    assert both(errors, solver)[0].status == SMALL_GRADIENT
    perfect = errors.model(errors._x).detach()
    exact = FitResiduals(errors.model, errors._x, perfect, roughness_weight=0.0)
    ends = {SMALL_GRADIENT, SMALL_CHANGE, DAMPED_OUT}
    assert both(exact, LevenbergMarquardt(), steps=3)[0].status in ends
    unknown = FitResiduals(errors.model, errors._x, perfect * torch.nan)
    assert both(unknown, LevenbergMarquardt())[0].status == NOT_FINITE


def test_what_fused_code_does_not_know_goes_by_python():
    errors, solver = some_errors([2, 3, 1]), LevenbergMarquardt(solver="cholesky")
    state = solver.start(errors.problem, errors.read_from_model())
    assert errors.problem.compiled(solver, state) is None
    formulas = errors.model.fix((0, 0, 0), "sin")
    mixed = FitResiduals(formulas, errors._x, errors.model(errors._x).detach())
    state = LevenbergMarquardt().start(mixed.problem, mixed.read_from_model())
    assert mixed.problem.compiled(LevenbergMarquardt(), state) is None
    large = some_errors([3, 60, 60, 1], batch=5)
    state = LevenbergMarquardt().start(large.problem, large.read_from_model())
    assert large.problem.compiled(LevenbergMarquardt(), state) is None


def test_statuses_have_the_numbers_of_native_code():
    source = Path(__file__).parents[3] / "native" / "least_squares.hpp"
    if not source.exists():
        pytest.skip("no source of the compiled part")
    text = re.search(r"enum class LmStatus : int \{(.*?)\}", source.read_text(), re.DOTALL).group(1)
    found = {name.upper(): int(number) for name, number in re.findall(r"k(\w+) = (\d+)", text)}
    assert found == {status.name.replace("_", ""): status.value for status in NativeStatus}
