"""`plot_solution`: a solved differential equation beside what is left of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from ..errors import InputError
from .figure import font, new_figure


def plot_solution(solution: Any, *, unknown: int = 0, points: int = 161) -> Any:
    """Draw one unknown of a solution, and the residual of the equation on a logarithmic scale.

    Args:
        solution: What `edgewise.solve` gave, over one or two coordinates.
        unknown: Which unknown, by number.
        points: To a side of the mesh.

    Returns:
        The `matplotlib.figure.Figure`.

    Raises:
        InputError: the equation has more than two coordinates.

    Example:
        >>> from edgewise.pde import Box, Equation, dirichlet, solve
        >>> rod = Equation(Box(x=(0, 1)), lambda u, at: u.xx + 2, [dirichlet(0.0)])
        >>> len(plot_solution(solve(rod, [1, 1], grid=4)).axes)
        2
    """
    domain = solution.equation.domain
    if len(domain.names) > 2:
        raise InputError(
            f"plot_solution: the equation must have one or two coordinates; got {len(domain.names)}. "
            f"Draw a section: evaluate the solution on points of your own."
        )
    x = domain.mesh(points)
    values = solution(x)[:, unknown].numpy()
    left = np.maximum(solution.residual(x).abs().amax(0).numpy(), 1e-16)
    figure = new_figure(7.6, 3.1)
    figure.set_layout_engine("constrained")
    axes = figure.subplots(1, 2)
    draw = _lines if len(domain.names) == 1 else _maps
    draw(axes, domain, x, values, left)
    name = solution.equation.unknowns[unknown]
    for ax, title in zip(axes, (name, "residual"), strict=True):
        ax.set_title(title, font=font(10.5))
        for text in (*ax.get_xticklabels(which="both"), *ax.get_yticklabels(which="both")):
            text.set_fontproperties(font(8.5))
    return figure


def _lines(axes: Any, domain: Any, x: torch.Tensor, values: np.ndarray, left: np.ndarray) -> None:
    for ax, line in zip(axes, (values, left), strict=True):
        ax.plot(x[:, 0].numpy(), line, color="black", linewidth=1.1)
        ax.set_xlabel(domain.names[0], font=font(10.5))
        ax.spines[["top", "right"]].set_visible(False)
    axes[1].set_yscale("log")


def _maps(axes: Any, domain: Any, x: torch.Tensor, values: np.ndarray, left: np.ndarray) -> None:
    first, second = domain.names
    # Time runs to the right; else the first coordinate does.
    across, up = (second, first) if second == "t" else (first, second)
    low, high = (dict(zip(domain.names, ends.tolist(), strict=True)) for ends in (domain.low, domain.high))
    side = round(len(x) ** 0.5)
    most = float(np.abs(values).max()) or 1.0
    logs = np.log10(left)
    # Zeros of the residual would take most of the scale.
    least = float(np.quantile(logs, 0.05))
    pictures: tuple[tuple[np.ndarray, dict[str, Any]], ...] = (
        (values, {"cmap": "RdBu_r", "vmin": -most, "vmax": most}),
        (logs, {"cmap": "viridis", "vmin": least, "vmax": float(logs.max()) + 0.1}),
    )
    for ax, (numbers, style) in zip(axes, pictures, strict=True):
        image = numbers.reshape(side, side)
        shown = ax.imshow(
            image if across == second else image.T,
            origin="lower",
            aspect="auto",
            extent=(low[across], high[across], low[up], high[up]),
            interpolation="nearest",
            **style,
        )
        ax.set_xlabel(across, font=font(10.5))
        ax.set_ylabel(up, font=font(10.5))
        bar = ax.get_figure().colorbar(shown, ax=ax)
        if style["cmap"] == "viridis":
            bar.set_label("log10", font=font(8.5))
        for text in bar.ax.get_yticklabels():
            text.set_fontproperties(font(8.5))
