"""Overfitted collocation is noticed: by the blocks, and between the steps."""

from __future__ import annotations

import torch

from edgewise.pde import Box, Equation, dirichlet, problems, solve
from edgewise.pde.residual.blocks import ResidualBlock
from edgewise.pde.solver.fresh import Overfitting, is_overfitted, missed, root_mean_squares
from edgewise.pde.solver.initialisation import first_network
from edgewise.pde.solver.method import Method
from edgewise.pde.solver.sampling import Draw, collocate


def test_a_small_block_beside_the_whole_is_not_looked_at():
    own = torch.tensor([1.0, 1e-3])
    assert not is_overfitted(own, torch.tensor([1.0, 0.2]))
    assert is_overfitted(own, torch.tensor([1.0, 0.4])) and is_overfitted(own, torch.tensor([4.0, 0.0]))


def test_fresh_points_are_others_inside_and_on_the_faces():
    equation = problems.poisson(soft=True)
    network = first_network(equation, [2, 2, 1], 4, 5, seed=0)
    own, fresh = (collocate(equation, network, {}, Method(), 0, 0, draw=Draw(seed)) for seed in (0, 7))
    for ours, theirs in zip(own.blocks, fresh.blocks, strict=True):
        distances = torch.cdist(ours.points[0], theirs.points[0])
        # Corners of the box are ends of faces in any number of points.
        assert int((distances.amin(1) < 1e-9).sum()) <= 8
        torch.testing.assert_close(ours.sizes, theirs.sizes, rtol=0.2, atol=0)
    assert root_mean_squares(own).shape == (2,)


def test_the_observer_looks_at_both_systems_now_and_then():
    equation = problems.heat()
    network = first_network(equation, [2, 2, 1], 4, 5, seed=0)
    own, fresh = (collocate(equation, network, {}, Method(), 0, 0, draw=Draw(seed)) for seed in (0, 7))

    class Process:
        status = None

        class state:
            x = own.vector

    observer = Overfitting(own, fresh)
    assert observer.after(Process, 5) is None
    for block in fresh.blocks:
        block.weight *= 100.0
    assert observer.after(Process, 4) is None and observer.after(Process, 5).reason == "overfitted"


def test_few_points_are_made_more_until_the_equation_holds_between_them():
    # Sharp enough that 0.6 points to a parameter are met exactly, with large residuals between them.
    box = Box(x=(0, 1))
    spike = Equation(
        box, lambda u, at: u.xx + torch.exp(-(((at.x - 0.51) / 0.01) ** 2)), [dirichlet(0.0)], name="spike"
    )
    solution = solve(spike, [1, 20, 1], grid=6, points=0.1, steps=12)
    stage = solution.stages[-1]
    assert stage.points > 64 or stage.residual < 3 * stage.collocation_residual
    assert solution.stop.reason != "converged" or solution.relative_residual < 0.05


def test_points_between_are_missed_where_the_residual_is_large():
    equation = problems.poisson(soft=True)
    network = first_network(equation, [2, 2, 1], 4, 5, seed=0)
    own, fresh = (collocate(equation, network, {}, Method(), 0, 0, draw=Draw(seed)) for seed in (0, 7))
    left = fresh.blocks[0].residuals(network, {})[0].abs()
    at_own = own.blocks[0].residuals(network, {})[0]
    few = missed(own, fresh)
    assert len(few) == int((left > 3 * at_own.square().mean().sqrt()).sum())
    # With points of its own where the residual vanishes, nearly all others are missed.
    own.blocks[0].points[0] = own.blocks[0].points[0][at_own.abs().argmin()]
    own.blocks[1].weight = 0.0
    solved = ResidualBlock(equation, equation.residual, own.blocks[0].points, sizes=own.blocks[0].sizes)
    own.blocks[0] = solved
    assert len(missed(own, fresh)) > 0.9 * len(left)
