"""Laws of a prescribed form: its functions are learned by networks, each is searched for, and all are fitted together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

import numpy as np
import sympy
import torch

from .form import Form
from .form_network import trained
from .law import Law
from .polish import fitted
from .problem import Array, Problem
from .proposal import Proposal

_EACH = 6
_LEAST_NOISE = 1e-4
_MOST_MISSED = 0.5
_BEST = 12

Searched = Callable[[Array, Array, tuple[str, ...], float], list[Law]]
"""Laws of arguments and values with these names and this share of noise."""


def of_form(problem: Problem, form: Form, seed: int, searched: Searched) -> Iterator[Proposal]:
    """Proposals of a form.

    Args:
        problem: Samples in the columns.
        form: The form, in the columns' own units.
        seed: Of the networks.
        searched: Finds laws for one function.
    """
    some = problem.some
    model, missed = trained(form, some, seed)
    if not missed < _MOST_MISSED:
        return
    bodies: dict[str, list[tuple[list[sympy.Symbol], sympy.Expr]]] = {}
    for name, (x, y) in model.values(torch.from_numpy(some.x)).items():
        names = tuple(f"argument_{n + 1}" for n in range(x.shape[1]))
        share = max(missed / (float(y.std()) or 1.0), _LEAST_NOISE)
        laws = searched(x, y, names, min(share, 1.0))
        places = [sympy.Symbol(one) for one in names]
        bodies[name] = [(places, law.expression) for law in laws[:_EACH]]
        bodies[name].append((places, sympy.Float(0.1) + sum((sympy.Float(1.1 + n) * p for n, p in enumerate(places)), start=sympy.Integer(0))))  # fmt: skip
    yield from _joined(some, form, model.constants.detach().numpy(), bodies)


def _joined(
    problem: Problem,
    form: Form,
    constants: Array,
    bodies: dict[str, list[tuple[list[sympy.Symbol], sympy.Expr]]],
) -> Iterator[Proposal]:
    """The form with each choice of functions, those that fit best."""
    spread = sympy.Float(float(problem.y.std()) * problem.y_scale)
    starts = {s: sympy.Float(value) for s, value in zip(form.constants, constants.tolist(), strict=True)}
    found = []
    for chosen in product(*bodies.values()):
        own = dict(zip(bodies, chosen, strict=True))
        law = problem.scaled(spread * form.filled(own).xreplace(starts))
        fit = fitted(law, problem.symbols, problem.x, problem.y, weights=problem.weights)
        if fit is not None and np.isfinite(fit.rmse):
            found.append((fit.rmse, fit.form))
    for rmse, law in sorted(found, key=lambda one: one[0])[:_BEST]:
        yield Proposal(law, rmse / problem.spread, "form")
