"""Sizes of the terms of equations and conditions as a solution has them, in place of those that were expected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from ...network import Network
from ..equation import Equation
from ..residual.blocks import ResidualBlock
from ..units import Units, residual_sizes, term_sizes
from .posing import condition_sizes

_LEAST_TERM = 0.01  # of what was expected: where every term is zero, as of u_xx = 0, all is residual


def reached_sizes(
    equation: Equation,
    blocks: Sequence[ResidualBlock],
    network: Network,
    units: Units,
    coefficients: Mapping[str, float],
    least: Tensor,
) -> list[Tensor]:
    """Sizes of the terms of a network, one tensor to a block, shape (parts,).

    A source tells how large an unknown may be at most: one that turns about often is much smaller. Terms of steep
    solutions, in turn, are larger than their amplitudes tell.

    Args:
        equation: What is being solved.
        blocks: Its own and those of its conditions, in their order, with the sizes that were expected.
        network: The solution so far.
        units: As they were expected.
        coefficients: Values of the unknown coefficients.
        least: Unknowns count as varying by at least so much, shape (unknowns,).

    Example:
        >>> from edgewise.pde import Method, solve
        >>> from edgewise.pde.problems import pykan_poisson
        >>> from edgewise.pde.solver.posing import pose
        >>> from edgewise.pde.units import problem_units
        >>> equation = pykan_poisson(soft=True)
        >>> units, network = problem_units(equation), solve(equation, [2, 3, 1], grid=4).network
        >>> blocks = pose(equation, equation.domain.sample(200), 9, Method(), units, {})
        >>> _, boundary = reached_sizes(equation, blocks, network, units, {}, 1e-3 * units.amplitudes)
        >>> 10 * float(boundary) < float(blocks[1].sizes)
        True
    """
    own = blocks[0]
    fields = own.fields(network)
    varied = (fields[0] - units.means).square().mean(0).sqrt()
    actual = replace(units, amplitudes=torch.maximum(torch.minimum(units.amplitudes, varied), least))
    terms = term_sizes(own.pointwise, fields, units.means, coefficients).amax(1)
    expected = residual_sizes(equation, own.pointwise.residual, own.points, actual, coefficients)
    terms = torch.where(
        terms.isfinite(), terms, own.sizes
    )  # infinite slopes would make any residual a share of 0
    return [
        torch.maximum(terms, _LEAST_TERM * expected),
        *(
            condition_sizes(condition, equation, block.points, actual, coefficients)
            for condition, block in zip(equation.conditions, blocks[1:], strict=True)
        ),
    ]
