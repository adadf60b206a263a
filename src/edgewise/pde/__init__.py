"""Differential equations: residuals of networks, their exact Jacobians, and a solver made of the two."""

from .jets import NetworkJets as NetworkJets
