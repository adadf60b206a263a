"""From a network of formulas to sympy expressions and back to numbers."""
