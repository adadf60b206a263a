"""The operations that programs are made of: their values and slopes on arrays.

The compiled twin is native/operations.hpp, where each has the same number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import NamedTuple

import numpy as np
import sympy

from .problem import Array


class Op(IntEnum):
    """An operation of one or two arguments."""

    ADD = 0
    MUL = 1
    DIV = 2
    POW = 3
    SQUARE = 4
    CUBE = 5
    SQRT = 6
    EXP = 7
    EXPM1 = 8
    LOG = 9
    SIN = 10
    COS = 11
    TAN = 12
    ASIN = 13
    ACOS = 14
    ATAN = 15
    SINH = 16
    COSH = 17
    TANH = 18
    ASINH = 19
    ACOSH = 20
    ATANH = 21
    ABS = 22
    SIGN = 23
    MAX = 24
    MIN = 25


class Rule(NamedTuple):
    """How an operation is done.

    Args:
        value: Of the arguments.
        slopes: In each argument, of the arguments and the value.
    """

    value: Callable[..., Array]
    slopes: Callable[..., tuple[Array, ...]]


def _power_slopes(a: Array, b: Array, v: Array) -> tuple[Array, Array]:
    return np.where(a == 0, b * np.power(a, b - 1), b * v / a), times(v, np.log(a))


def times(a: Array, b: Array) -> Array:
    """The product, 0 where one factor is 0: a slope along something that does not change is none, however steep.

    Example:
        >>> times(np.array([0.0, 2.0]), np.array([np.inf, 3.0])).tolist()
        [0.0, 6.0]
    """
    with np.errstate(invalid="ignore", over="ignore"):
        product = a * b
    if np.isnan(np.sum(product)):
        return np.where((a == 0) | (b == 0), 0.0, product)
    return product


RULES: Mapping[Op, Rule] = {
    Op.ADD: Rule(np.add, lambda a, b, v: (np.ones_like(v), np.ones_like(v))),
    Op.MUL: Rule(np.multiply, lambda a, b, v: (b, a)),
    Op.DIV: Rule(np.divide, lambda a, b, v: (1 / b, -v / b)),
    Op.POW: Rule(np.power, _power_slopes),
    Op.SQUARE: Rule(np.square, lambda a, v: (2 * a,)),
    Op.CUBE: Rule(lambda a: a * a * a, lambda a, v: (3 * a * a,)),
    Op.SQRT: Rule(np.sqrt, lambda a, v: (0.5 / v,)),
    Op.EXP: Rule(np.exp, lambda a, v: (v,)),
    Op.EXPM1: Rule(np.expm1, lambda a, v: (v + 1,)),
    Op.LOG: Rule(np.log, lambda a, v: (1 / a,)),
    Op.SIN: Rule(np.sin, lambda a, v: (np.cos(a),)),
    Op.COS: Rule(np.cos, lambda a, v: (-np.sin(a),)),
    Op.TAN: Rule(np.tan, lambda a, v: (1 + v * v,)),
    Op.ASIN: Rule(np.arcsin, lambda a, v: (1 / np.sqrt(1 - a * a),)),
    Op.ACOS: Rule(np.arccos, lambda a, v: (-1 / np.sqrt(1 - a * a),)),
    Op.ATAN: Rule(np.arctan, lambda a, v: (1 / (1 + a * a),)),
    Op.SINH: Rule(np.sinh, lambda a, v: (np.cosh(a),)),
    Op.COSH: Rule(np.cosh, lambda a, v: (np.sinh(a),)),
    Op.TANH: Rule(np.tanh, lambda a, v: (1 - v * v,)),
    Op.ASINH: Rule(np.arcsinh, lambda a, v: (1 / np.sqrt(a * a + 1),)),
    Op.ACOSH: Rule(np.arccosh, lambda a, v: (1 / np.sqrt(a * a - 1),)),
    Op.ATANH: Rule(np.arctanh, lambda a, v: (1 / (1 - a * a),)),
    Op.ABS: Rule(np.abs, lambda a, v: (np.sign(a),)),
    Op.SIGN: Rule(np.sign, lambda a, v: (np.zeros_like(v),)),
    Op.MAX: Rule(np.maximum, lambda a, b, v: (1.0 * (a >= b), 1.0 * (a < b))),
    Op.MIN: Rule(np.minimum, lambda a, b, v: (1.0 * (a <= b), 1.0 * (a > b))),
}

FUNCTIONS: Mapping[type, Op] = {
    sympy.exp: Op.EXP,
    sympy.log: Op.LOG,
    sympy.sin: Op.SIN,
    sympy.cos: Op.COS,
    sympy.tan: Op.TAN,
    sympy.asin: Op.ASIN,
    sympy.acos: Op.ACOS,
    sympy.atan: Op.ATAN,
    sympy.sinh: Op.SINH,
    sympy.cosh: Op.COSH,
    sympy.tanh: Op.TANH,
    sympy.asinh: Op.ASINH,
    sympy.acosh: Op.ACOSH,
    sympy.atanh: Op.ATANH,
    sympy.Abs: Op.ABS,
    sympy.sign: Op.SIGN,
}
"""Functions of one argument, by their classes in sympy."""
