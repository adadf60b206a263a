"""Optimisers on one flat vector of parameters, as frozen settings and a state that is a value."""

from __future__ import annotations

from .arrays import as_tensor as as_tensor
from .bfgs import BFGS
from .jacobian import DenseJacobian as DenseJacobian
from .jacobian import Jacobian as Jacobian
from .jacobian import JacobianOperator as JacobianOperator
from .jacobian import SparseRows as SparseRows
from .lbfgs import LBFGS
from .lbfgs_history import LBFGSHistory as LBFGSHistory
from .levenberg_marquardt import LevenbergMarquardt, LMState
from .line_search import StrongWolfe as StrongWolfe
from .loop import Loop, Observer
from .minimiser import Minimiser, Search, run
from .observers import Callback as Callback
from .observers import EarlyStopping as EarlyStopping
from .observers import Listener as Listener
from .observers import Plateau as Plateau
from .observers import Stall as Stall
from .observers import Tolerance as Tolerance
from .problems import LeastSquares, Smooth
from .quasi_newton import QuasiNewton, QuasiNewtonState
from .status import DAMPED_OUT as DAMPED_OUT
from .status import LINE_SEARCH_FAILED as LINE_SEARCH_FAILED
from .status import NOT_FINITE as NOT_FINITE
from .status import SMALL_CHANGE as SMALL_CHANGE
from .status import SMALL_GRADIENT as SMALL_GRADIENT
from .status import STANDSTILL as STANDSTILL
from .status import status_from_words as status_from_words
from .status import status_to_words as status_to_words

__all__ = [
    "BFGS",
    "LBFGS",
    "LMState",
    "LeastSquares",
    "LevenbergMarquardt",
    "Loop",
    "Minimiser",
    "Observer",
    "QuasiNewton",
    "QuasiNewtonState",
    "Search",
    "Smooth",
    "run",
]
