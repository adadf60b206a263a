"""`plot`: the picture of a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..network import Network
from .figure import text_size
from .painter import draw
from .scene import SceneSettings, compute_scene


def plot(
    model: Network,
    x: Any = None,
    *,
    scores: Any = None,
    metric: str = "attribution",
    beta: float = 3.0,
    names: Sequence[Any] | None = None,
    output_names: Sequence[Any] | None = None,
    title: str | None = None,
    ax: Any = None,
    figsize: tuple[float, float] | None = None,
    max_edges: int | None = None,
    show_ranges: bool = False,
    show_samples: bool = False,
    show_functions: bool = True,
) -> Any:
    """Draw a network: inputs at the bottom, the curve of each edge in a box on its wire, outputs on top.

    Learnable edges are black, formula edges red; the more an edge matters, the darker it is. Each curve fills
    its own box: compare shapes, not heights. The figure is made of vectors, belongs to no window, and nothing
    is written, printed or drawn at random. `scene` gives the same picture as numbers.

    Args:
        model: Left as it is.
        x: Samples that set the ranges and the scores, in any form `trace` takes; points spread over the first
            layer's grid if None.
        scores: Scores to use for opacity: what `attribute` gives, or one (in, subnodes) matrix a layer.
        metric: Which are computed otherwise: "attribution" (towards the output an edge matters most to), or
            "std", the standard deviations of edges over the largest of their layer.
        beta: Opacity is tanh(beta * score).
        names: Names of the inputs, strings or sympy objects; the model's own if None.
        output_names: Names of the outputs; y, or y_1, y_2, ... if None.
        title: Set above the picture.
        ax: Axes to draw on, filled by the picture; a new figure if None.
        figsize: Width and height in inches; from the widest layer if None.
        max_edges: Most edges to show in a layer, those of highest score; as many as stay legible if None. A
            line below the picture says what was left out.
        show_ranges: Whether to write the range of its input and output at each box.
        show_samples: Whether to draw samples on the curves.
        show_functions: Whether to write the names of functions in the boxes of formula edges.

    Returns:
        The `matplotlib.figure.Figure`; use its `savefig` to keep it (pdf, svg, png).

    Raises:
        InputError: samples that are not finite numbers, or an argument out of its bounds.
        ShapeError: samples, scores or names of the wrong shape.
        UnknownName: no metric has that name.
        MissingExtra: matplotlib is not installed.

    Cost: one forward pass, and 97 points an edge.

    Example:
        >>> from edgewise.network import build
        >>> figure = plot(build([2, 5, 1], seed=0), title="a network")
        >>> len(figure.axes)
        1
    """
    settings = SceneSettings(
        scores=scores,
        metric=metric,
        beta=beta,
        names=names,
        output_names=output_names,
        title=title,
        figsize=figsize,
        max_edges=max_edges,
        show_ranges=show_ranges,
        show_samples=show_samples,
        show_functions=show_functions,
    )
    settings.check("plot")
    if ax is not None:
        settings = replace(settings, figsize=_inches(ax))
    return draw(compute_scene(model, x, settings, text_size, "plot"), ax)


def _inches(ax: Any) -> tuple[float, float]:
    share, whole = ax.get_position(), ax.get_figure().get_size_inches()
    return float(share.width * whole[0]), float(share.height * whole[1])
