"""Formulas made networks: text, sympy expressions and formulas become formula edges, sums and products."""

from .compile import compile, kanpiler

__all__ = ["compile", "kanpiler"]
