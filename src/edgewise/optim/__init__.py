"""Optimisers on one flat vector of parameters, as frozen settings and a state that is a value."""

from __future__ import annotations

from .arrays import as_tensor as as_tensor
from .bfgs import BFGS
from .inverse_hessian import DenseMemory as DenseMemory
from .jacobian import DenseJacobian as DenseJacobian
from .jacobian import Jacobian as Jacobian
from .jacobian import Products as Products
from .jacobian import SparseRows as SparseRows
from .lbfgs import LBFGS
from .lbfgs_history import Memory as Memory
from .levenberg_marquardt import LeastSquares, LevenbergMarquardt, LMState
from .line_search import StrongWolfe as StrongWolfe
from .quasi_newton import LINE_SEARCH_FAILED as LINE_SEARCH_FAILED
from .quasi_newton import NOT_FINITE as NOT_FINITE
from .quasi_newton import SMALL_GRADIENT as SMALL_GRADIENT
from .quasi_newton import QuasiNewton, QuasiNewtonState

__all__ = [
    "BFGS",
    "LBFGS",
    "LMState",
    "LeastSquares",
    "LevenbergMarquardt",
    "QuasiNewton",
    "QuasiNewtonState",
]
