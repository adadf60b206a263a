"""Pictures: a network, one of its edges, the course of a fit, what an estimator learned of a table; drawing needs matplotlib, the extra `plot`.

`scene` computes the picture of a network as plain numbers and needs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import lazy_names
from .network import plot
from .scene import Scene, scene

if TYPE_CHECKING:
    from .discovery import plot_discovery as plot_discovery
    from .edge import plot_edge as plot_edge
    from .figure import as_svg as as_svg
    from .history import plot_history as plot_history
    from .interaction import draw_interaction as draw_interaction
    from .interaction import plot_interaction as plot_interaction
    from .judgement import draw_actual_and_predicted as draw_actual_and_predicted
    from .judgement import draw_calibration as draw_calibration
    from .judgement import draw_residuals as draw_residuals
    from .judgement import draw_roc as draw_roc
    from .painter import draw as draw
    from .prediction import cell_text as cell_text
    from .prediction import plot_prediction as plot_prediction
    from .prediction import step_name as step_name
    from .shapes import SURE as SURE
    from .shapes import draw_shape as draw_shape
    from .shapes import loudest as loudest
    from .shapes import output_names as output_names
    from .shapes import plot_shapes as plot_shapes
    from .shapes import shape_limits as shape_limits
    from .solution import plot_solution as plot_solution
    from .style import COLOURS as COLOURS
    from .style import date_text as date_text
    from .style import number_text as number_text
    from .tree import plot_tree as plot_tree

__all__ = [
    "Scene",
    "draw",
    "plot",
    "plot_discovery",
    "plot_edge",
    "plot_history",
    "plot_interaction",
    "plot_prediction",
    "plot_shapes",
    "plot_solution",
    "plot_tree",
    "scene",
]

__getattr__ = lazy_names(
    __name__,
    {
        "COLOURS": "style",
        "SURE": "shapes",
        "as_svg": "figure",
        "cell_text": "prediction",
        "date_text": "style",
        "draw": "painter",
        "draw_actual_and_predicted": "judgement",
        "draw_calibration": "judgement",
        "draw_interaction": "interaction",
        "draw_residuals": "judgement",
        "draw_roc": "judgement",
        "draw_shape": "shapes",
        "loudest": "shapes",
        "number_text": "style",
        "output_names": "shapes",
        "plot_discovery": "discovery",
        "plot_edge": "edge",
        "plot_history": "history",
        "plot_interaction": "interaction",
        "plot_prediction": "prediction",
        "plot_shapes": "shapes",
        "plot_solution": "solution",
        "plot_tree": "tree",
        "shape_limits": "shapes",
        "step_name": "prediction",
    },
)
