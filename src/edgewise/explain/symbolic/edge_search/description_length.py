"""Description length: how many bits a function and its misfit take, by which fits are ranked."""

from __future__ import annotations

import math

from ....functions import POLYNOMIALS, Function, simple_fraction
from .candidate import Candidate

_BITS_PER_COMPLEXITY = 1.0
_BITS_PER_CONSTANT = 2.0
_ROUNDING = 1e-14  # share of variance that the rounding of float32 curves leaves

FREE_CONSTANTS = {
    "zero": (0, 0, 0, 1),
    "linear": (0, 0, 1, 1),
    "power": (0, 1, 1, 1),
    "log": (0, 1, 1, 1),
    "exp": (1, 0, 1, 1),
    "periodic": (1, 1, 1, 1),
    "full": (1, 1, 1, 1),
    "polynomial": (0, 0, 1, 1),
}
"""Which of a, b, c, d are to be fitted, by the kind of function; the others are covered by these."""


def function_bits(function: Function) -> float:
    """Length of a function in bits: one per unit of complexity and two per constant to be fitted.

    Example:
        >>> from edgewise.functions import LIBRARY
        >>> function_bits(LIBRARY["x"]), function_bits(LIBRARY["x^2"]), function_bits(LIBRARY["sin"])
        (5.0, 8.0, 10.0)
    """
    return _BITS_PER_COMPLEXITY * function.complexity + _BITS_PER_CONSTANT * constants(function)


def constants(function: Function) -> int:
    """How many numbers have to be fitted to use a function on an edge.

    Example:
        >>> from edgewise.functions import polynomial
        >>> constants(polynomial([1, 1]))
        4
    """
    return sum(FREE_CONSTANTS[function.kind]) + (
        len(function.numbers) if function.family is POLYNOMIALS else 0
    )


def free_numbers(function: Function) -> int:
    """How many numbers of its own a function has that a refit may change: coefficients, and an odd exponent.

    Example:
        >>> from edgewise.functions import power
        >>> free_numbers(power(0.5)), free_numbers(power(0.512))
        (0, 1)
    """
    if function.family is None:
        return 0
    fixed = function.family is not POLYNOMIALS and simple_fraction(function.numbers[0]) is not None
    return 0 if fixed else len(function.numbers)


def candidate_bits(candidate: Candidate, floor: float = 0.0) -> float:
    """Length in bits of a function on an edge: shorter is better.

    The length is log2(share of the edge's variance left unexplained) + function_bits: a function that is one bit
    dearer must halve the unexplained variance to be preferred. With one bit to a unit of complexity and two
    to a constant, `sin` must leave 32 times less than a straight line, and a quarter of what `x^2` leaves,
    which it holds as a limit. The logarithm makes the rule the same for rough and for nearly exact curves;
    below 1e-14, or what noise in the data makes of the curve, all fits count as exact. The weights were set on
    curves of all library functions projected on splines of 3, 5 and 10 intervals: more weight on simplicity
    loses true functions, less loses to look-alikes with more constants.

    Args:
        candidate: A function fitted to an edge.
        floor: Share of the edge's variance that is noise.

    Example:
        >>> from edgewise.functions import LIBRARY
        >>> line = Candidate(LIBRARY["x"], (1.0, 0.0, 2.0, 0.0), 0.25)
        >>> round(candidate_bits(line), 6), candidate_bits(line, floor=0.25)
        (3.0, 4.0)
    """
    price = function_bits(candidate.function)
    if candidate.plain:
        price -= _BITS_PER_CONSTANT
    return math.log2(candidate.unexplained + max(floor, _ROUNDING)) + price
