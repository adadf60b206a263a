"""Differential equations: residuals of networks, their exact Jacobians, and a solver made of the two."""

from . import problems
from .ansatz import Ansatz, keep_values
from .conditions import Condition, Measured, Periodic, prescribed, prescribed_slope
from .domain import Box
from .equation import Equation
from .fields import Field, Points
from .residual.jets import NetworkJets
from .solution import Rung, Solution
from .solver.method import Method
from .solver.solve import solve

__all__ = [
    "Ansatz",
    "Box",
    "Condition",
    "Equation",
    "Field",
    "Measured",
    "Method",
    "NetworkJets",
    "Periodic",
    "Points",
    "Rung",
    "Solution",
    "keep_values",
    "prescribed",
    "prescribed_slope",
    "problems",
    "solve",
]
