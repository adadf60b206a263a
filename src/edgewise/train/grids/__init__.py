"""Grids during training: when they move, and how they are extended."""
