"""The solver: grids, start values, samples, Gauss-Newton steps, time windows."""
