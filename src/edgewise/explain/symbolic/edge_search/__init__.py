"""The search for c f(a x + b) + d on curves: arrays only."""
