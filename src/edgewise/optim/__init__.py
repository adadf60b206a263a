"""Optimisers on one flat vector of parameters, as frozen settings and a state that is a value."""

from __future__ import annotations

from .lbfgs import LBFGS, LBFGSState
from .levenberg_marquardt import LeastSquares, LevenbergMarquardt, LMState

__all__ = ["LBFGS", "LBFGSState", "LMState", "LeastSquares", "LevenbergMarquardt"]
