"""Scalers for networks whose data are far from size 1."""
