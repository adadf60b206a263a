"""The 27 dimensionless equations of physics that Kolmogorov-Arnold networks were first measured by.

Source: Liu et al. 2024, "KAN: Kolmogorov-Arnold Networks", table 2, which brought equations of Feynman's lectures to
dimensionless form. The paper gives no ranges: here every variable lies where the equation is smooth, most from 1 to 3.
Equations are facts; the table was written for this package.
"""

from __future__ import annotations

import math

from ..errors import unknown_name
from .feynman_equations import Equation, Variable

_SOURCE = "Liu et al. 2024, KAN: Kolmogorov-Arnold Networks, table 2; ranges of this package"
_PLAIN, _BELOW_ONE, _TURN = (1.0, 3.0), (0.0, 0.9), (0.0, 2 * math.pi)
_UNIT = (0.0, 1.0)

_Row = tuple[str, dict[str, tuple[float, float]]]

_TABLE: dict[str, _Row] = {
    "I.6.2": ("exp(-theta^2/(2*sigma^2))/sqrt(2*pi*sigma^2)", {"theta": _PLAIN, "sigma": _PLAIN}),
    "I.6.2b": (
        "exp(-(theta - theta_1)^2/(2*sigma^2))/sqrt(2*pi*sigma^2)",
        {"theta": _PLAIN, "theta_1": _PLAIN, "sigma": _PLAIN},
    ),
    "I.9.18": (
        "a/((b - 1)^2 + (c - d)^2 + (e - f)^2)",
        {"a": _PLAIN, "b": (2.0, 4.0), "c": _PLAIN, "d": (3.0, 5.0), "e": _PLAIN, "f": (3.0, 5.0)},
    ),
    "I.12.11": ("1 + a*sin(theta)", {"a": _PLAIN, "theta": _TURN}),
    "I.13.12": ("a*(1/b - 1)", {"a": _PLAIN, "b": _PLAIN}),
    "I.15.3x": ("(1 - a)/sqrt(1 - b^2)", {"a": _PLAIN, "b": _BELOW_ONE}),
    "I.16.6": ("(a + b)/(1 + a*b)", {"a": _BELOW_ONE, "b": _BELOW_ONE}),
    "I.18.4": ("(1 + a*b)/(1 + a)", {"a": _PLAIN, "b": _PLAIN}),
    "I.26.2": ("arcsin(n*sin(theta_2))", {"n": _BELOW_ONE, "theta_2": (0.0, math.pi / 2)}),
    "I.27.6": ("1/(1 + a*b)", {"a": _PLAIN, "b": _PLAIN}),
    "I.29.16": (
        "sqrt(1 + a^2 - 2*a*cos(theta_1 - theta_2))",
        {"a": _PLAIN, "theta_1": (0.0, math.pi / 2), "theta_2": (math.pi / 2 + 0.5, math.pi + 0.5)},
    ),
    "I.30.3": ("sin(n*theta/2)^2/sin(theta/2)^2", {"n": _PLAIN, "theta": (0.5, math.pi)}),
    "I.30.5": ("arcsin(a/n)", {"a": (0.1, 0.9), "n": _PLAIN}),
    "I.37.4": ("1 + a + 2*sqrt(a)*cos(delta)", {"a": _PLAIN, "delta": _TURN}),
    "I.40.1": ("n_0*exp(-a)", {"n_0": _PLAIN, "a": _PLAIN}),
    "I.44.4": ("n*log(a)", {"n": _PLAIN, "a": _PLAIN}),
    "I.50.26": ("cos(a) + alpha*cos(a)^2", {"a": _TURN, "alpha": _PLAIN}),
    "II.2.42": ("(a - 1)*b", {"a": _PLAIN, "b": _PLAIN}),
    "II.6.15a": ("c*sqrt(a^2 + b^2)/(4*pi)", {"a": _PLAIN, "b": _PLAIN, "c": _PLAIN}),
    "II.11.7": ("n_0*(1 + a*cos(theta))", {"n_0": _PLAIN, "a": _PLAIN, "theta": _TURN}),
    "II.11.27": ("n*alpha/(1 - n*alpha/3)", {"n": _UNIT, "alpha": _UNIT}),
    "II.35.18": ("n_0/(exp(a) + exp(-a))", {"n_0": _PLAIN, "a": _PLAIN}),
    "II.36.38": ("a + alpha*b", {"a": _PLAIN, "alpha": _PLAIN, "b": _PLAIN}),
    "II.38.3": ("a/b", {"a": _PLAIN, "b": _PLAIN}),
    "III.9.52": ("a*sin((b - c)/2)^2/((b - c)/2)^2", {"a": _PLAIN, "b": _PLAIN, "c": _PLAIN}),
    "III.10.19": ("sqrt(1 + a^2 + b^2)", {"a": _PLAIN, "b": _PLAIN}),
    "III.17.37": ("beta*(1 + alpha*cos(theta))", {"beta": _PLAIN, "alpha": _PLAIN, "theta": _TURN}),
}


def dimensionless(name: str) -> Equation:
    """One of the 27 dimensionless equations of the KAN paper.

    Args:
        name: See `dimensionless_names`.

    Raises:
        UnknownName: there is no such equation.

    Example:
        >>> law = dimensionless("I.16.6")
        >>> law.expression, law.names
        ('(a + b)/(1 + a*b)', ('a', 'b'))
        >>> law.sample(100, 50, irrelevant=2)["train_input"].shape
        torch.Size([100, 4])
    """
    if name not in _TABLE:
        raise unknown_name("dimensionless", "name", name, list(_TABLE))
    expression, ranges = _TABLE[name]
    variables = tuple(Variable(label, "1", low, high) for label, (low, high) in ranges.items())
    return Equation(name, "", "y", "1", expression, variables, {}, source=_SOURCE)


def dimensionless_names() -> list[str]:
    """Names of the 27 equations, in the paper's order.

    Example:
        >>> len(dimensionless_names()), dimensionless_names()[0]
        (27, 'I.6.2')
    """
    return list(_TABLE)
