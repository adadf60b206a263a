"""Exact solutions solve their equations: the residual of the exact solution, by automatic differentiation."""

import pytest
import torch

from edgewise.pde import Field, Points, problems
from edgewise.pde.ansatz import function_jet

KNOWN = [
    problems.poisson(),
    problems.poisson(soft=True),
    problems.pykan_poisson(),
    problems.helmholtz(),
    problems.heat(),
    problems.wave(),
    problems.kovasznay(),
]


def exact_fields(equation, x):
    names = equation.domain.names
    return [
        Field(
            names, lambda index, f=equation.exact_by_name[name]: function_jet(f, x, names, chain(index))[-1]
        )
        for name in equation.unknowns
    ]


def chain(index):
    return [index[:end] for end in range(len(index) + 1)]


@pytest.mark.parametrize("equation", KNOWN, ids=lambda equation: equation.name)
def test_the_exact_solution_leaves_no_residual(equation):
    x = equation.domain.sample(50)
    left = equation.residual(*exact_fields(equation, x), Points(x, equation.domain.names))
    for part in left if isinstance(left, tuple) else [left]:
        assert part.abs().max() < 1e-10


@pytest.mark.parametrize("equation", KNOWN, ids=lambda equation: equation.name)
def test_the_exact_solution_meets_the_conditions(equation):
    for condition in equation.conditions:
        x = condition.points(equation.domain, 9)[0]
        left = condition.residual(*exact_fields(equation, x), Points(x, equation.domain.names))
        assert left.abs().max() < 1e-12
    for name, ansatz in equation.hard.items():
        for face in equation.domain.faces("all"):
            at = Points(equation.domain.sample_face(face, 9), equation.domain.names)
            kept = ansatz.distance(at).abs() < 1e-14
            wrong = (ansatz.lift(at) - equation.exact_by_name[name](at)).abs()
            assert (wrong[kept] < 1e-12).all()


def test_cole_and_hopf_solve_burgers_equation():
    equation = problems.burgers(0.1)
    exact, step = equation.exact_by_name["u"], 1e-3

    def u(dx=0.0, dt=0.0):
        x = torch.tensor([[0.3, 0.4], [-0.6, 0.7], [0.1, 0.2]], dtype=torch.float64)
        return exact(Points(x + torch.tensor([dx, dt], dtype=torch.float64), ("x", "t")))

    slope = (u(step) - u(-step)) / (2 * step)
    second = (u(step) - 2 * u() + u(-step)) / step**2
    assert ((u(0, step) - u(0, -step)) / (2 * step) + u() * slope - 0.1 * second).abs().max() < 1e-4


def test_measurements_repeat_for_a_seed():
    first, second = (problems.unknown_diffusion(seed=2).conditions[0] for _ in range(2))
    assert torch.equal(first.values, second.values)
    assert problems.allen_cahn().order == 2
