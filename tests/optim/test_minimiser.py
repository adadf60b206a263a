from __future__ import annotations

import pytest
import torch

from edgewise.optim import BFGS, LBFGS, LeastSquares, LevenbergMarquardt, Observer, Search, Smooth, run
from edgewise.optim.minimiser import copies_like

CENTRE = torch.linspace(-1, 1, 4, dtype=torch.float64)


def residual(x):
    return (x - CENTRE) * (1 + (x - CENTRE) ** 2)


def value_and_grad(x):
    slope = 1 + 3 * (x - CENTRE) ** 2
    return float(residual(x) @ residual(x)), 2 * residual(x) * slope


PROBLEMS = {
    "smooth": Smooth(value_and_grad),
    "squares": LeastSquares(residual, lambda x: torch.diag(1 + 3 * (x - CENTRE) ** 2)),
}
MINIMISERS = [LBFGS(max_iterations_per_step=1), BFGS(max_iterations_per_step=1), LevenbergMarquardt()]
each = pytest.mark.parametrize("minimiser", MINIMISERS, ids=lambda one: type(one).__name__)
START = torch.zeros(4, dtype=torch.float64)


@each
def test_one_run_serves_all_minimisers(minimiser):
    found = run(minimiser, PROBLEMS[minimiser.needs], START, steps=60)
    torch.testing.assert_close(found.state.x, CENTRE, rtol=0, atol=1e-6)
    assert found.stop == found.state.status and 0 < found.steps < 60


@each
def test_steps_are_at_most_what_was_asked(minimiser):
    found = run(minimiser, PROBLEMS[minimiser.needs], START, steps=2)
    assert (found.stop.reason, found.steps, found.state.iterations) == ("steps", 2, 2)
    assert found.state.x.equal(minimiser.minimise(PROBLEMS[minimiser.needs], START, steps=2).x)


@each
def test_a_start_at_the_end_makes_no_step(minimiser):
    nan = Smooth(lambda x: (float("nan"), x)) if minimiser.needs == "smooth" else None
    problem = nan or LeastSquares(lambda x: x * float("nan"), lambda x: torch.diag(x))
    found = run(minimiser, problem, START)
    assert (found.stop.reason, found.steps) == ("non-finite", 0)


@each
def test_a_state_comes_back_from_its_words_to_the_same_bits(minimiser):
    problem = PROBLEMS[minimiser.needs]
    state = minimiser.minimise(problem, START, steps=3)
    back = minimiser.load_state_dict(minimiser.start(problem, START + 1), minimiser.state_dict(state))
    for _ in range(2):
        state, back = minimiser.step(problem, state), minimiser.step(problem, back)
        assert back.x.equal(state.x)
        assert (back.value, back.iterations, back.evaluations, back.status) == (
            state.value,
            state.iterations,
            state.evaluations,
            state.status,
        )


@each
def test_a_state_of_another_shape_is_refused(minimiser):
    problem = PROBLEMS[minimiser.needs]
    kept = minimiser.state_dict(minimiser.start(problem, START))
    kept["x"] = kept["x"][:3]
    with pytest.raises(ValueError, match="is not like"):
        minimiser.load_state_dict(minimiser.start(problem, START), kept)


@each
def test_an_observer_may_change_the_point_of_a_search(minimiser):
    class Nudge(Observer):
        def after(self, process: Search, done: int) -> None:
            if done == 1:
                process.restart(START + 3)

    found = run(minimiser, PROBLEMS[minimiser.needs], START, steps=80, observers=[Nudge()])
    torch.testing.assert_close(found.state.x, CENTRE, rtol=0, atol=1e-6)


def test_copies_share_nothing():
    kept = torch.ones(2)
    (copy,) = copies_like([torch.zeros(2)], [kept])
    kept.zero_()
    assert copy.equal(torch.ones(2))
    with pytest.raises(ValueError, match="float64"):
        copies_like([torch.zeros(2)], [torch.ones(2).double()])
