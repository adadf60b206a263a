"""Differential equations: residuals of networks, their exact Jacobians, and a solver made of the two."""

from . import problems
from .ansatz import Ansatz, dirichlet_ansatz
from .conditions import Condition, Observations, Periodic, dirichlet, neumann
from .domain import Box
from .equation import Equation
from .fields import Field, Points
from .rescaled import rescaled
from .residual.jets import NetworkJets
from .solution import Solution, SolveStage
from .solver.method import Method
from .solver.solve import solve

__all__ = [
    "Ansatz",
    "Box",
    "Condition",
    "Equation",
    "Field",
    "Method",
    "NetworkJets",
    "Observations",
    "Periodic",
    "Points",
    "Solution",
    "SolveStage",
    "dirichlet",
    "dirichlet_ansatz",
    "neumann",
    "problems",
    "rescaled",
    "solve",
]
