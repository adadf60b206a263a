"""The training loop and what watches it: early stopping, learning rates, progress, the result."""
