"""Genetic programming by pyoperon as a source of laws, where the package is installed: the extra `operon`."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import sympy

from .._formula_text import FormulaReader
from .._optional import optional
from .clock import Clock
from .problem import Problem
from .proposal import Proposal

_SYMBOLS = "add,sub,mul,div,constant,variable,sin,cos,exp,log,sqrt,square,tanh"
_FUNCTIONS: dict[str, Callable[..., sympy.Expr]] = {
    "sin": sympy.sin,
    "cos": sympy.cos,
    "exp": sympy.exp,
    "log": sympy.log,
    "sqrt": sympy.sqrt,
    "tanh": sympy.tanh,
    "square": lambda v: v**2,
    "pow": lambda v, p: v**p,
    "abs": sympy.Abs,
}
_LENGTHS = (20, 30, 20, 40, 30, 20, 40, 30)
_EVALUATIONS = 250_000
_PER_FRONT = 6
_DIGITS = 17


def is_installed() -> bool:
    """Whether there is pyoperon, and scikit-learn, which it needs."""
    return all(importlib.util.find_spec(name) is not None for name in ("pyoperon", "sklearn"))


def by_operon(problem: Problem, seed: int, clock: Clock) -> Iterator[Proposal]:
    """The most accurate formulas of several short runs, each with its own seed: the same ones every time.

    Runs are bounded by evaluations, of one thread, so that a faster machine finds the same.

    Args:
        problem: Scaled samples.
        seed: Of the runs.
        clock: The time there is; a run that it cuts short is not the same every time.
    """
    regressor = optional("pyoperon.sklearn", "operon", "discover").SymbolicRegressor
    some = problem.some
    known = {f"X{place + 1}": symbol for place, symbol in enumerate(problem.symbols)}
    reader = FormulaReader(_number, known.__getitem__, _FUNCTIONS.__getitem__)
    for run, length in enumerate(_LENGTHS):
        if not clock.left():
            return
        model = regressor(
            allowed_symbols=_SYMBOLS,
            objectives=["r2", "length"],
            optimizer_iterations=5,
            max_length=length,
            generations=10**6,
            max_evaluations=_EVALUATIONS,
            max_time=max(1, int(clock.remaining)),
            n_threads=1,
            random_state=len(_LENGTHS) * seed + run,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as that a model of the front is a number
            model.fit(some.x, some.y / some.spread)
            found = list(_front(model, reader, some))
        yield from found


def _front(model: Any, reader: FormulaReader[sympy.Expr], problem: Problem) -> Iterator[Proposal]:
    entries = sorted(model.pareto_front_, key=lambda entry: float(entry["mean_squared_error"]))
    for entry in entries[:_PER_FRONT]:
        try:
            form = reader.read(model.get_model_string(entry["tree"], _DIGITS))
        except (SyntaxError, KeyError, TypeError, ValueError):
            continue
        missed = float(np.sqrt(max(float(entry["mean_squared_error"]), 0.0)))
        yield Proposal(sympy.Float(problem.spread) * form, missed, "operon")


def _number(value: float) -> sympy.Expr:
    return sympy.Integer(value) if isinstance(value, int) else sympy.Float(value)
