"""`solve`: a network, a ladder of grids, and damped Gauss-Newton steps on the residual."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...errors import InputError
from ...train import Progress
from ..equation import Equation
from ..solution import Solution
from .gauss_newton import Climb, first_network
from .method import Method
from .windows import Piece, check_windows, continued


def solve(
    equation: Equation,
    width: Sequence[Any],
    grid: Sequence[int] | int = (4, 8, 16),
    *,
    k: int | None = None,
    seed: int = 0,
    path: Sequence[Equation] = (),
    method: Method | None = None,
    progress: bool | None = None,
    callback: Callable[[int, float], object] | None = None,
    **settings: Any,
) -> Solution:
    """Solve a differential equation by a network whose residual is brought to zero.

    The network's inputs are scaled to the box; its grids are refined along `grid` by exact knot insertion;
    on each, the residual's exact Jacobian drives damped Gauss-Newton steps.

    Args:
        equation: What is to be solved.
        width: Of the network, from the number of coordinates to the number of unknowns.
        grid: Intervals of each spline, one grid after the other.
        k: Degree of the splines; the order of the equation plus three, at least 3, if None.
        seed: Of the start values and the points.
        path: Easier equations on the same domain that are solved before, on the first grid.
        method: All settings at once.
        progress: Whether a line of progress is shown; None shows it on a terminal.
        callback: Called with the iteration and the residual after each; a true answer ends the search.
        **settings: Settings of `Method` by name.

    Returns:
        The solution, which can be called, with what was done and why it ended.

    Raises:
        InputError: the width does not fit the equation, or a setting is out of its bounds.

    Example:
        >>> import torch
        >>> from edgewise.pde import Box, Equation, prescribed
        >>> rod = Equation(Box(x=(0, 1)), lambda u, at: u.xx + 2, conditions=[prescribed(0.0)])
        >>> solution = solve(rod, [1, 1], grid=4)
        >>> float((solution(torch.tensor([[0.5]])) - 0.25).abs()) < 1e-9
        True
    """
    if method is not None and settings:
        raise InputError("solve: give either method or its settings by name; got both.")
    method = method or Method(**settings)
    grids = [grid] if isinstance(grid, int) else list(grid)
    _check(equation, width, grids)
    degree = max(3, equation.order + 3) if k is None else k
    plan = [*((easier, grids[0]) for easier in path), *((equation, intervals) for intervals in grids)]
    if len(method.ends) > 1:
        for easier, _ in plan:
            check_windows(easier)
    climb = Climb(first_network(equation, width, grids[0], degree, seed), method, seed, callback)
    climb.progress = Progress((len(plan) + len(method.ends) - 1) * method.steps, progress)
    try:
        pieces = _pieces(climb, equation, plan)
    finally:
        climb.progress.close()
    found = {name: climb.coefficients[name] for name in equation.coefficients}
    return Solution(equation, pieces, found, tuple(climb.rungs), tuple(climb.history), climb.stop)


def _pieces(climb: Climb, equation: Equation, plan: list[tuple[Equation, Any]]) -> tuple[Piece, ...]:
    if len(climb.method.ends) == 1:
        climb.all(plan)
        return (Piece(equation, climb.network),)
    pieces: list[Piece] = []
    for window in equation.domain.parts(climb.method.ends):
        before = pieces[-1] if pieces else None
        climb.enter(window)
        done = len(climb.rungs)
        climb.all([(continued(target, window, before), grid) for target, grid in plan])
        if len(climb.rungs) > done:
            pieces.append(Piece(continued(equation, window, before), climb.network))
        if climb.ended:
            break
        plan = [(equation, plan[-1][1])]
    return tuple(pieces)


def _check(equation: Equation, width: Sequence[Any], grids: Sequence[Any]) -> None:
    last = width[-1] if not isinstance(width[-1], (tuple, list)) else sum(width[-1])
    if width[0] != len(equation.domain.names) or last != len(equation.unknowns):
        raise InputError(
            f"solve: width must run from {len(equation.domain.names)} coordinates to "
            f"{len(equation.unknowns)} unknowns; got {list(width)}. For example "
            f"[{len(equation.domain.names)}, 10, {len(equation.unknowns)}]."
        )
    if not grids:
        raise InputError("solve: grid must name at least one number of intervals; got none.")
