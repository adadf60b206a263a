"""Differential equations: residuals of networks, their exact Jacobians, and a solver made of the two."""

from .ansatz import Ansatz as Ansatz
from .ansatz import keep_values as keep_values
from .conditions import Condition as Condition
from .conditions import Measured as Measured
from .conditions import Periodic as Periodic
from .conditions import prescribed as prescribed
from .conditions import prescribed_slope as prescribed_slope
from .domain import Box as Box
from .equation import Equation as Equation
from .fields import Field as Field
from .fields import Points as Points
from .residual.jets import NetworkJets as NetworkJets
from .solution import Rung as Rung
from .solution import Solution as Solution
from .solver.method import Method as Method
from .solver.solve import solve as solve
