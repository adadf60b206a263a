"""The parts of a network's least-squares problem: the Jacobian of its outputs, and roughness residuals."""
