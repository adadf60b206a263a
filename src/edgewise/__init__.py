"""edgewise: Kolmogorov-Arnold networks that are fast and can be read.

`KAN` is the front door. Every verb is also a function that takes any `Network`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import explain as explain
from ._version import __version__ as __version__
from .datasets import create_dataset as create_dataset
from .datasets import create_dataset_from_data as create_dataset_from_data
from .errors import EdgewiseError as EdgewiseError
from .explain import Pruned as Pruned
from .explain import Scores as Scores
from .explain import Suggestions as Suggestions
from .explain import attribute as attribute
from .explain import fix as fix
from .explain import prune as prune
from .explain import prune_edges as prune_edges
from .explain import prune_inputs as prune_inputs
from .explain import suggest as suggest
from .explain import symbolify as symbolify
from .explain import unfix as unfix
from .exports import export as export
from .functions import LIBRARY as LIBRARY
from .functions import Function as Function
from .functions import make_function as make_function
from .kan import KAN as KAN
from .layers import FormulaLayer as FormulaLayer
from .layers import KANLayer as KANLayer
from .network import Network as Network
from .network import Scaler as Scaler
from .network import Trace as Trace
from .network import deepen as deepen
from .network import duplicate as duplicate
from .network import load as load
from .network import mask_edges as mask_edges
from .network import refine as refine
from .network import save as save
from .network import select_nodes as select_nodes
from .network import set_formula as set_formula
from .network import swap as swap
from .network import trace as trace
from .network import unset_formula as unset_formula
from .network import update_grid as update_grid
from .network import widen as widen
from .optim import BFGS as BFGS
from .optim import LBFGS as LBFGS
from .optim import LevenbergMarquardt as LevenbergMarquardt
from .plots import plot as plot
from .plots import plot_edge as plot_edge
from .plots import plot_history as plot_history
from .plots import plot_solution as plot_solution
from .train import Data as Data
from .train import FitResult as FitResult
from .train import Penalty as Penalty
from .train import fit as fit

if TYPE_CHECKING:
    from .explain import Formula as Formula
    from .explain import formula as formula


def __getattr__(name: str) -> Any:
    # Asked for here, imported there: sympy stays out until a formula is wanted.
    if name in ("Formula", "formula"):
        return getattr(explain, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
