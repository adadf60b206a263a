"""Symbolic regression that a user can install with pip: one function a contestant, each for columns of size near 1.

A contestant yields formulas as it finds them, each better than the one before by its own reckoning, and what it says of
them; the last that came within the time counts. All have the same samples, one core and the same seconds of processor time.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy
import torch

from edgewise.discovery import discover, measure_time_by

from .judging import Array, candidate
from .rates import OURS, WITH_UNITS


@dataclass(frozen=True)
class Answer:
    """A formula that a contestant found.

    Attributes:
        text: The formula.
        verdict: What the contestant says of it.
        intervals: Ends of the 95 % interval of each free constant, in the order of their values.
    """

    text: str
    verdict: str | None = None
    intervals: tuple[tuple[float, float], ...] = ()


Found = Iterator[Answer]
Contestant = Callable[..., Found]

_HELD = 0.2
_WIDTHS = ((1,), (5,), (5, 5))


class HeldOut:
    """A fifth of the samples, and the least error on them of the formulas so far.

    Attributes:
        train: Rows to fit to.
        held: Rows held out.
    """

    def __init__(self, x: Array, y: Array, symbols: tuple[sympy.Symbol, ...], seed: int) -> None:
        order = np.random.default_rng(seed).permutation(len(y))
        self.held, self.train = np.split(order, [round(_HELD * len(y))])
        self._x, self._y, self._symbols, self._least = x, y, symbols, np.inf

    def is_better(self, formula: sympy.Expr) -> bool:
        """Whether a formula has a smaller error than all before."""
        values = candidate(formula, self._symbols).predict(self._x[self.held])
        error = float(np.sqrt(np.mean((values - self._y[self.held]) ** 2)))
        better = np.isfinite(error) and error < self._least
        self._least = error if better else self._least
        return bool(better)

    @property
    def solved(self) -> bool:
        """Whether one leaves nothing but rounding."""
        return bool(self._least < 1e-12 * self._y.std())


def edgewise(
    x: Array, y: Array, symbols: tuple[sympy.Symbol, ...], seconds: float, seed: int, **known: Any
) -> Found:
    """`discover` as it is, its seconds those of the processor; what is known are units and constants of nature."""
    measure_time_by(time.process_time)
    found = discover(x, y, names=[str(one) for one in symbols], seconds=seconds, seed=seed, **known)
    if found.best is not None:
        free = sorted((one for one in found.best.constants if one.value.is_Float), key=lambda one: one.fitted)
        intervals = tuple(one.interval() for one in free)
        yield Answer(str(found.best.expression), found.best.verdict, intervals)


def operon(x: Array, y: Array, symbols: tuple[sympy.Symbol, ...], seconds: float, seed: int) -> Found:
    """pyoperon: genetic programming with constants by Levenberg-Marquardt; of its front the least held-out error."""
    from pyoperon.sklearn import SymbolicRegressor

    judge = HeldOut(x, y, symbols, seed)
    start, attempt = time.process_time(), 0
    while (left := seconds - (time.process_time() - start)) > 2:
        model = SymbolicRegressor(
            allowed_symbols="add,sub,mul,div,constant,variable,sin,cos,exp,log,sqrt,square,tanh,asin,acos",
            objectives=["r2", "length"],
            optimizer_iterations=5,
            max_length=40,
            generations=10**6,
            max_evaluations=10**9,
            max_time=max(2, int(min(left, seconds / 3)) - 1),
            n_threads=1,
            random_state=seed + attempt,
        )
        model.fit(x[judge.train], y[judge.train])
        attempt += 1
        for entry in model.pareto_front_:
            text = model.get_model_string(entry["tree"], 17).replace("^", "**")
            formula = sympy.sympify(text, locals={f"X{n + 1}": one for n, one in enumerate(symbols)})
            if judge.is_better(formula):
                yield Answer(str(formula))
        if judge.solved:
            return


def gplearn(x: Array, y: Array, symbols: tuple[sympy.Symbol, ...], seconds: float, seed: int) -> Found:
    """gplearn: classical genetic programming, grown by generations until the time is up."""
    from gplearn.genetic import SymbolicRegressor

    judge = HeldOut(x, y, symbols, seed)
    model = SymbolicRegressor(
        population_size=1000,
        generations=5,
        function_set=("add", "sub", "mul", "div", "sqrt", "log", "inv", "neg", "sin", "cos"),
        parsimony_coefficient=1e-3,
        p_hoist_mutation=0.05,
        warm_start=True,
        random_state=seed,
    )
    start = time.process_time()
    while time.process_time() - start < seconds:
        model.fit(x[judge.train], y[judge.train])
        formula = _of_gplearn(str(model._program), symbols)
        if judge.is_better(formula):
            yield Answer(str(formula))
        if judge.solved:
            return
        model.set_params(generations=model.generations + 5)


def _of_gplearn(text: str, symbols: tuple[sympy.Symbol, ...]) -> sympy.Expr:
    """Its protected functions as what they are where they are not protected."""
    names: dict[str, object] = {f"X{n}": one for n, one in enumerate(symbols)}
    names |= {
        "add": lambda a, b: a + b,
        "sub": lambda a, b: a - b,
        "mul": lambda a, b: a * b,
        "div": lambda a, b: a / b,
        "inv": lambda a: 1 / a,
        "neg": lambda a: -a,
        "sqrt": lambda a: sympy.sqrt(sympy.Abs(a)),
        "log": lambda a: sympy.log(sympy.Abs(a)),
    }
    return sympy.sympify(text, locals=names)


def pykan(x: Array, y: Array, symbols: tuple[sympy.Symbol, ...], seconds: float, seed: int) -> Found:
    """pykan's documented story: fit with a penalty, prune, refine, `auto_symbolic`, fit; three shapes, the best held-out one."""
    from kan import KAN
    from kan.utils import ex_round

    torch.set_default_dtype(torch.float64)
    judge = HeldOut(x, y, symbols, seed)
    data = {
        f"{part}_{kind}": torch.from_numpy(table[rows])
        for part, rows in (("train", judge.train), ("test", judge.held))
        for kind, table in (("input", x), ("label", y[:, None]))
    }
    for hidden in _WIDTHS:
        model = KAN(width=[x.shape[1], *hidden, 1], grid=3, k=3, seed=seed, ckpt_path=tempfile.mkdtemp())
        model.fit(data, opt="LBFGS", steps=50, lamb=1e-3)
        model = model.prune()
        model.fit(data, opt="LBFGS", steps=50)
        model = model.refine(10)
        model.fit(data, opt="LBFGS", steps=50)
        model.auto_symbolic()
        model.fit(data, opt="LBFGS", steps=50)
        formula = ex_round(model.symbolic_formula(var=list(symbols))[0][0], 15)
        if judge.is_better(formula):
            yield Answer(str(formula))


CONTESTANTS: Mapping[str, Contestant] = {
    OURS: edgewise,
    WITH_UNITS: edgewise,
    "operon": operon,
    "gplearn": gplearn,
    "pykan": pykan,
}
