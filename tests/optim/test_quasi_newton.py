import pytest
import torch

from edgewise.optim import BFGS, LBFGS, QuasiNewton, Smooth

SOLVERS = [LBFGS(), BFGS()]


@pytest.mark.parametrize("solver", SOLVERS, ids=["LBFGS", "BFGS"])
def test_a_value_never_rises(solver):
    def wavy(x):
        value = (x * x).sum() + torch.sin(5 * x).sum()
        return float(value), 2 * x + 5 * torch.cos(5 * x)

    problem = Smooth(wavy)
    state = solver.start(problem, torch.linspace(-2, 2, 5, dtype=torch.float64))
    values = [state.value]
    for _ in range(5):
        state = solver.step(problem, state)
        values.append(state.value)
    assert values == sorted(values, reverse=True)


@pytest.mark.parametrize("solver", SOLVERS, ids=["LBFGS", "BFGS"])
def test_a_restart_keeps_the_counts(solver):
    bowl = Smooth(lambda x: (float(x @ x), 2 * x))
    state = solver.step(bowl, solver.start(bowl, torch.ones(3)))
    fresh = solver.restart(bowl, torch.ones(3), state)
    assert (fresh.iterations, fresh.evaluations, len(fresh.memory)) == (
        state.iterations,
        state.evaluations + 1,
        0,
    )


def test_a_method_says_what_it_remembers():
    with pytest.raises(NotImplementedError):
        QuasiNewton().new_curvature(torch.zeros(1))
