"""The residual of an equation on a network, and its exact Jacobian."""
