"""The compiled objective is the objective: value, parts and gradient."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch

from edgewise import KAN
from edgewise.edges import native
from edgewise.network import Scaler
from edgewise.optim import LBFGS, Smooth
from edgewise.optim.line_search import StrongWolfe
from edgewise.optim.status import LINE_SEARCH_FAILED, NOT_FINITE, SMALL_CHANGE, SMALL_GRADIENT
from edgewise.train.data.data import Data
from edgewise.train.objective.loss import as_loss
from edgewise.train.objective.objective import Objective
from edgewise.train.objective.penalty import Penalty
from edgewise.train.step.fused import NativeStatus, fused_objective, is_supported
from edgewise.train.step.parameters import FlatParameters, trainable

pytestmark = pytest.mark.skipif(not native.AVAILABLE, reason="built without the compiled part")


def some_case(
    width, penalty, batch=37, scaled=False, weighted=False, loss="mse", dtype=torch.float64, grid=4
):
    scaler = Scaler(torch.tensor([0.3]), torch.tensor([2.0])) if scaled else None
    model = KAN(width, grid=grid, seed=0, dtype=dtype, affine_trainable=True, output_scaler=scaler)
    generator = torch.Generator().manual_seed(1)

    def random(*shape):
        return torch.rand(*shape, generator=generator, dtype=dtype)

    with torch.no_grad():
        for part in model.parameters():
            part.add_(0.2 * random(*part.shape) - 0.1)
        for layer in model.layers:
            layer.basis.mask[0, 0] = 0
    data = Data(
        random(batch, width[0]) * 2.4 - 1.2, random(batch, 1), weights=random(batch) if weighted else None
    )
    return Objective(model, as_loss(loss), penalty), data, FlatParameters(trainable(model))


@pytest.mark.parametrize("width", [[2, 5, 1], [3, (2, 2), 4, 1]], ids=str)
@pytest.mark.parametrize("magnitude", ["gain", "deviation", "share"])
@pytest.mark.parametrize("batch", [1, 37, 3000])
@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_value_parts_and_gradient(width, magnitude, batch, scaled, weighted):
    penalty = Penalty(1e-2, 1.0, 2.0, 0.1, 0.2, magnitude)
    objective, data, flat = some_case(width, penalty, batch, scaled, weighted)
    report, gradient = fused_objective(objective, data, flat)(flat.read())
    terms = objective(data.x, data.y, data.weights)
    expected = flat.gradient(terms.objective)
    assert report.objective == pytest.approx(terms.objective.item(), abs=1e-9)
    assert report.loss == pytest.approx(terms.loss.item(), abs=1e-9)
    assert report.penalty == pytest.approx(terms.penalty.item(), abs=1e-9)
    assert (gradient - expected).abs().max() <= 1e-9 * expected.abs().max()


@pytest.mark.parametrize("magnitude", ["gain", "deviation", "share"])
@pytest.mark.parametrize("batch", [37, 700])
def test_value_and_gradient_on_a_fine_grid(magnitude, batch):
    penalty = Penalty(1e-2, 1.0, 2.0, 0.1, 0.2, magnitude)
    objective, data, flat = some_case([2, 9, 2, 1], penalty, batch, grid=60)
    report, gradient = fused_objective(objective, data, flat)(flat.read())
    terms = objective(data.x, data.y, data.weights)
    expected = flat.gradient(terms.objective)
    assert report.objective == pytest.approx(terms.objective.item(), abs=1e-9)
    assert (gradient - expected).abs().max() <= 1e-9 * expected.abs().max()


@pytest.mark.parametrize("lamb", [0.0, 1e-2])
def test_the_gradient_is_that_of_finite_differences(lamb):
    objective, data, flat = some_case([2, 3, 1], Penalty(lamb, 1.0, 2.0, 0.0, 0.0, "gain"))
    compiled, start, step = fused_objective(objective, data, flat), flat.read(), 1e-6
    rise = [
        compiled(start + step * way)[0].objective - compiled(start - step * way)[0].objective
        for way in torch.eye(len(start), dtype=start.dtype)
    ]
    expected = torch.tensor(rise, dtype=start.dtype) / (2 * step)
    assert (compiled(start)[1] - expected).abs().max() <= 1e-7


def test_the_model_is_left_alone():
    objective, data, flat = some_case([2, 3, 1], Penalty())
    before = flat.read()
    fused_objective(objective, data, flat)(before + 1)
    assert torch.equal(flat.read(), before)


def test_other_losses_are_left_to_torch():
    assert fused_objective(*some_case([2, 3, 1], Penalty(), loss="mae")) is None


def test_magnitudes_of_the_user_are_left_to_torch():
    penalty = Penalty(1e-2, magnitude=lambda edges, inputs, sums: edges)
    assert fused_objective(*some_case([2, 3, 1], penalty)) is None


def both_steps(solver, penalty, steps=1, **settings):
    """The states that steps in Python and compiled steps come to from one start."""
    compiled = fused_objective(*some_case([2, 3, 1], penalty, **settings))

    def function(x):
        report, gradient = compiled(x)
        return report.objective, gradient

    problem = Smooth(function)
    ours = theirs = solver.start(problem, compiled._flat.read())
    for _ in range(steps):
        theirs = solver.step(problem, theirs)
        ours, report = (ours, None) if ours.status else compiled.step(solver, ours)
    return function, ours, theirs, report


def assert_same(ours, theirs, within):
    assert (ours.iterations, ours.evaluations, ours.status) == (
        theirs.iterations,
        theirs.evaluations,
        theirs.status,
    )
    assert ours.value == pytest.approx(theirs.value, rel=within)
    for name in ("x", "gradient"):
        torch.testing.assert_close(getattr(ours, name), getattr(theirs, name), rtol=within, atol=within)
    for name in ("vectors", "inverse", "curvature", "overlap", "added"):
        got, expected = (torch.as_tensor(getattr(state.memory, name)) for state in (ours, theirs))
        torch.testing.assert_close(got, expected, rtol=within, atol=within * expected.abs().max().item())


@pytest.mark.parametrize(
    "solver",
    [
        LBFGS(max_iterations_per_step=6),
        LBFGS(history=2, max_iterations_per_step=6),
        LBFGS(max_iterations_per_step=4, initial_step=7.0),
        LBFGS(max_iterations_per_step=3, line_search=StrongWolfe(0.1, 0.1, 9)),
        LBFGS(max_iterations_per_step=1, initial_step=1e160, line_search=StrongWolfe(max_evaluations=500)),
    ],
    ids=["plain", "short memory", "long steps", "strict", "from beyond the numbers"],
)
@pytest.mark.parametrize("lamb", [0.0, 1e-2])
def test_compiled_steps_are_the_steps_of_the_solver(solver, lamb):
    penalty = Penalty(lamb, 1.0, 2.0, 0.0, 0.0, "gain")
    function, ours, theirs, report = both_steps(solver, penalty, steps=2, batch=50)
    assert_same(ours, theirs, 1e-6)
    assert function(ours.x)[0] == ours.value == report.objective
    assert report.penalty == (None if lamb == 0 else pytest.approx((ours.value - report.loss) / lamb))


def test_compiled_steps_in_float32():
    solver = LBFGS(max_iterations_per_step=3)
    _, ours, theirs, _ = both_steps(solver, Penalty(), dtype=torch.float32)
    assert ours.x.dtype == torch.float32
    assert ours.value == pytest.approx(theirs.value, rel=1e-3)


@pytest.mark.parametrize(
    ("solver", "status"),
    [
        (LBFGS(tolerance_gradient=1e3), SMALL_GRADIENT),
        (LBFGS(tolerance_change=0.999, max_iterations_per_step=1), SMALL_CHANGE),
        (LBFGS(initial_step=1e9, line_search=StrongWolfe(max_evaluations=1)), LINE_SEARCH_FAILED),
        (LBFGS(initial_step=1e300, line_search=StrongWolfe(max_evaluations=3)), NOT_FINITE),
    ],
)
def test_compiled_steps_end_for_the_same_reasons(solver, status):
    _, ours, theirs, _ = both_steps(solver, Penalty())
    assert theirs.status == status
    assert_same(ours, theirs, 1e-9)


def test_a_compiled_step_leaves_the_old_state_and_the_model_alone():
    objective, data, flat = some_case([2, 3, 1], Penalty())
    compiled, solver, weights = fused_objective(objective, data, flat), LBFGS(), flat.read()
    first = solver.start(Smooth(lambda x: (compiled(x)[0].objective, compiled(x)[1])), weights)
    kept = [first.x.clone(), first.gradient.clone(), torch.as_tensor(first.memory.vectors).clone()]
    new, _ = compiled.step(solver, first)
    assert new.value < first.value
    assert all(map(torch.equal, kept, [first.x, first.gradient, torch.as_tensor(first.memory.vectors)]))
    assert torch.equal(flat.read(), weights)


def test_solvers_of_the_user_are_run_as_they_are():
    class Other(LBFGS):
        pass

    assert is_supported(LBFGS()) and not is_supported(Other())


def test_the_numbers_of_native_statuses_are_those_of_the_header():
    header = Path(__file__).parents[3] / "native/lbfgs.hpp"
    (names,) = re.findall(r"enum Status : int \{([^}]*)\}", header.read_text("utf-8"))
    found = {name: int(number) for name, number in re.findall(r"k(\w+) = (\d+)", names)}
    assert found == {one.name.title().replace("_", ""): one.value for one in NativeStatus}
