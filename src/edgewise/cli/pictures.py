"""Figures as text that can stand inside a page."""

from __future__ import annotations

import base64
import io
from typing import Any

from ..explain import attribute
from ..network import Edge
from ..plots import plot, plot_edge, plot_history
from .workflow import Run

_CURVES = 24


def network_picture(run: Run) -> Any:
    """The network with the names of its columns."""
    classes = getattr(run.estimator, "classes_", ())
    names = [str(label) for label in classes] if len(classes) > 2 else None
    return plot(run.model, run.samples, output_names=names)


def curve_pictures(run: Run) -> list[Any]:
    """One figure for each edge of the first layer, those that matter most first, with nothing but the curve."""
    scores = attribute(run.model, run.samples).edges[0]
    edges = [(0, i, j) for layer, i, j in run.model.active_edges() if layer == 0]
    edges.sort(key=lambda edge: -float(scores[edge[1], edge[2]]))
    return [_curve(run, edge) for edge in edges[:_CURVES]]


def _curve(run: Run, edge: Edge) -> Any:
    figure = plot_edge(run.model, edge, run.samples)
    (axes,) = figure.axes
    for line in axes.lines:
        if line.get_label() in ("base", "spline"):  # the networks of the estimators have no base
            line.remove()
    legend = axes.get_legend()
    if legend is not None:
        legend.remove()
    several = run.model.layers[0].subnodes > 1
    axes.set_title(f"to node {edge[2]} above" if several else "", loc="left")
    return figure


def history_picture(run: Run) -> Any | None:
    """The course of the last training; None where it was solved in one step."""
    history = run.estimator.history_
    return plot_history(history) if len(history["train_loss"]) > 1 else None


def as_svg(figure: Any) -> str:
    """A figure as the source of an image."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg")
    return f"data:image/svg+xml;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def as_png(figure: Any) -> str:
    """The same of points, for figures of very many curves."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"
