"""`solve`: a network, finer and finer grids, and damped Gauss-Newton steps on the residual."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...errors import InputError
from ...events import StopReason
from ...train import ENDS_ALL, Progress
from ..equation import Equation
from ..solution import Solution
from ..units import problem_units
from .gauss_newton import Monitor
from .initialisation import first_network
from .method import Method
from .stages import StagedSolve, Target
from .uniqueness import Sensitivity, sensitivity
from .verdict import fresh_residuals, judged
from .windows import TimeWindow, check_windows, continued


def solve(
    equation: Equation,
    width: Sequence[Any],
    grid: Sequence[int] | int = (4, 8, 16),
    *,
    k: int | None = None,
    seed: int = 0,
    continuation: Sequence[Equation] = (),
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
        continuation: Easier equations on the same domain that are solved before, on the first grid.
        method: All settings at once.
        progress: Whether a line of progress is shown; None shows it on a terminal.
        callback: Called with the iteration and the residual after each; a true answer ends the search.
        **settings: Settings of `Method` by name.

    Returns:
        The solution, which can be called, with what was done and why it ended.

    Raises:
        InputError: the width does not fit the equation, or a setting is out of its bounds; a degree below the order
            of the equation has derivatives that are zero.

    Example:
        >>> import torch
        >>> from edgewise.pde import Box, Equation, dirichlet
        >>> rod = Equation(Box(x=(0, 1)), lambda u, at: u.xx + 2, conditions=[dirichlet(0.0)])
        >>> solution = solve(rod, [1, 1], grid=4)
        >>> float((solution(torch.tensor([[0.5]])) - 0.25).abs()) < 1e-9
        True
    """
    if method is not None and settings:
        raise InputError("solve: give either method or its settings by name; got both.")
    method = method or Method(**settings)
    grids = [grid] if isinstance(grid, int) else list(grid)
    degree = max(3, equation.order + 3) if k is None else k
    _check(equation, width, grids, degree)
    targets: list[Target] = [
        *((easier, grids[0]) for easier in continuation),
        *((equation, intervals) for intervals in grids),
    ]
    if len(method.ends) > 1:
        for easier, _ in targets:
            check_windows(easier)
    total = (len(targets) + len(method.ends) - 1) * method.steps
    line = Progress(total, progress)
    monitor = Monitor(method, callback, line, total)
    units = problem_units(equation)
    network = first_network(equation, width, grids[0], degree, seed, units)
    staged = StagedSolve(network, method, seed, monitor, units)
    try:
        windows, stop = _windows(staged, equation, targets)
    finally:
        line.close()
    found = {name: staged.coefficients[name] for name in equation.coefficients}
    residuals = fresh_residuals(windows, units, found)
    # Windows start exactly where the ones before ended: nothing is left open.
    alone = len(method.ends) == 1
    told = sensitivity(equation, staged.network, units, found) if alone else Sensitivity()
    return Solution(
        equation,
        windows,
        found,
        tuple(staged.stages),
        tuple(monitor.history),
        judged(stop, residuals, told),
        {name: residual.value for name, residual in residuals.items()},
    )


def _windows(
    staged: StagedSolve, equation: Equation, targets: list[Target]
) -> tuple[tuple[TimeWindow, ...], StopReason]:
    """One network for all of the time, or one for each window of it, as far as the search came."""
    if len(staged.method.ends) == 1:
        stop = staged.run(targets)
        return (TimeWindow(equation, staged.network),), stop
    windows: list[TimeWindow] = []
    stop = StopReason.STEPS
    for window in equation.domain.parts(staged.method.ends):
        before = windows[-1] if windows else None
        staged.enter(window)
        done = len(staged.stages)
        stop = staged.run([(continued(target, window, before), grid) for target, grid in targets])
        if len(staged.stages) > done:
            windows.append(TimeWindow(continued(equation, window, before), staged.network))
        if stop in ENDS_ALL and stop is not StopReason.TOLERANCE:
            break
        targets = [(equation, targets[-1][1])]
    return tuple(windows), stop


def _check(equation: Equation, width: Sequence[Any], grids: Sequence[Any], degree: int) -> None:
    last = width[-1] if not isinstance(width[-1], (tuple, list)) else sum(width[-1])
    if width[0] != len(equation.domain.names) or last != len(equation.unknowns):
        raise InputError(
            f"solve: width must run from {len(equation.domain.names)} coordinates to "
            f"{len(equation.unknowns)} unknowns; got {list(width)}. For example "
            f"[{len(equation.domain.names)}, 10, {len(equation.unknowns)}]."
        )
    if not grids:
        raise InputError("solve: grid must name at least one number of intervals; got none.")
    if degree < equation.order:
        raise InputError(
            f"solve: k must be at least the order of the equation, {equation.order}; got {degree}. Derivatives of a "
            f"spline beyond its degree are zero. Leave k out for {equation.order + 3}."
        )
