"""edgewise: Kolmogorov-Arnold networks that are fast and can be read.

`KAN` is the front door. Every verb is also a function that takes any `Network`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import (
    datasets,
    errors,
    events,
    explain,
    exports,
    functions,
    layers,
    network,
    optim,
    plots,
    spline,
    train,
)
from ._lazy import lazy_names
from ._version import __version__
from .datasets import create_dataset, create_dataset_from_data
from .errors import EdgewiseError
from .events import Event, Stop, StopReason, listen
from .explain import (
    Judgement,
    Merged,
    Pruned,
    Scores,
    Suggestions,
    Symbolified,
    attribute,
    fix,
    merge_nodes,
    prune,
    prune_edges,
    prune_inputs,
    suggest,
    suggest_all,
    symbolify,
    unfix,
)
from .functions import LIBRARY, Function, make_function
from .kan import KAN
from .layers import FormulaLayer, KANLayer
from .network import (
    Network,
    Refined,
    Scaler,
    Trace,
    build,
    deepen,
    duplicate,
    load,
    mask_edges,
    refine,
    save,
    select_nodes,
    set_formula,
    swap,
    trace,
    unset_formula,
    update_grid,
    widen,
)
from .optim import BFGS, LBFGS, LevenbergMarquardt
from .plots import plot, scene
from .train import Checkpoint, Data, FitResult, GridExtension, GridUpdates, Penalty, evaluate, fit, predict

if TYPE_CHECKING:
    from . import estimators as estimators
    from . import pde, testing
    from .estimators import KANClassifier as KANClassifier
    from .estimators import KANRegressor as KANRegressor
    from .explain import Equations, Formula, equations, formula
    from .exports import export
    from .pde import solve
    from .plots import plot_edge, plot_history, plot_solution

_LAZY = {
    "Equations": "explain",
    "Formula": "explain",
    "equations": "explain",
    "export": "exports",
    "formula": "explain",
    "pde": "",
    "plot_edge": "plots",
    "plot_history": "plots",
    "plot_solution": "plots",
    "solve": "pde",
    "testing": "",
}
"""Names that are imported when they are asked for, and from where: sympy, and parts of which few need all."""

_LAZY_EXTRA = {"KANClassifier": "estimators", "KANRegressor": "estimators", "estimators": ""}
"""The same for names that need an optional package; they are shown, but no part of `from edgewise import *`."""

__all__ = [
    "BFGS",
    "KAN",
    "LBFGS",
    "LIBRARY",
    "Checkpoint",
    "Data",
    "EdgewiseError",
    "Equations",
    "Event",
    "FitResult",
    "Formula",
    "FormulaLayer",
    "Function",
    "GridExtension",
    "GridUpdates",
    "Judgement",
    "KANLayer",
    "LevenbergMarquardt",
    "Merged",
    "Network",
    "Penalty",
    "Pruned",
    "Refined",
    "Scaler",
    "Scores",
    "Stop",
    "StopReason",
    "Suggestions",
    "Symbolified",
    "Trace",
    "__version__",
    "attribute",
    "build",
    "create_dataset",
    "create_dataset_from_data",
    "datasets",
    "deepen",
    "duplicate",
    "equations",
    "errors",
    "evaluate",
    "events",
    "explain",
    "export",
    "exports",
    "fit",
    "fix",
    "formula",
    "functions",
    "layers",
    "listen",
    "load",
    "make_function",
    "mask_edges",
    "merge_nodes",
    "network",
    "optim",
    "pde",
    "plot",
    "plot_edge",
    "plot_history",
    "plot_solution",
    "plots",
    "predict",
    "prune",
    "prune_edges",
    "prune_inputs",
    "refine",
    "save",
    "scene",
    "select_nodes",
    "set_formula",
    "solve",
    "spline",
    "suggest",
    "suggest_all",
    "swap",
    "symbolify",
    "testing",
    "trace",
    "train",
    "unfix",
    "unset_formula",
    "update_grid",
    "widen",
]


__getattr__ = lazy_names(__name__, {**_LAZY, **_LAZY_EXTRA})


def __dir__() -> list[str]:
    return sorted([*__all__, *_LAZY_EXTRA])
