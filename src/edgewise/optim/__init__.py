"""Optimisers on one flat vector of parameters, as frozen settings and a state that is a value."""

from __future__ import annotations

from .bfgs import BFGS
from .lbfgs import LBFGS
from .levenberg_marquardt import LeastSquares, LevenbergMarquardt, LMState
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
