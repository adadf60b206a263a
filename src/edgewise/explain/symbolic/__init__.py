"""From edges to formulas: search, choice, suggestions, fixing, symbolification, and the formula itself."""

from .formula import Formula as Formula
from .formula import formula as formula
