"""What least-squares solvers ask of a network: the Jacobian of its outputs, and rows that keep it smooth."""
