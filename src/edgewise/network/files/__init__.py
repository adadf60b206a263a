"""Saving and loading networks."""
