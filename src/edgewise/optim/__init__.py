"""Optimisers on one flat vector of parameters, as frozen settings and a state that is a value."""

from __future__ import annotations

from .lbfgs import LBFGS, LBFGSState

__all__ = ["LBFGS", "LBFGSState"]
