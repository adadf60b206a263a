"""A prescribed form with networks in the places of its functions, trained as one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import sympy
import torch
from sympy.core.function import AppliedUndef
from torch import Tensor, nn

from ..network import Network, build
from ..train import fit
from .form import Form
from .formula_text import SAME_NAMES
from .problem import Array, Problem

_STEPS = 25
_GRID = 8


class FormNetwork(nn.Module):
    """The form on scaled columns.

    Args:
        form: The form.
        problem: The samples, for sizes.
        seed: Of the networks.
    """

    def __init__(self, form: Form, problem: Problem, seed: int) -> None:
        super().__init__()
        self.form, self._columns = form, problem.symbols
        self.functions = nn.ModuleDict(
            {f"of_{name}": _network(count, seed) for name, count in form.functions.items()}
        )
        self.constants = nn.Parameter(torch.ones(len(form.constants), dtype=torch.float64))
        self._sizes = torch.tensor(problem.x_scale)
        self._spread = float(problem.y.std()) or 1.0
        self._calls = form.calls
        self._places = {call: sympy.Dummy(f"u{n}") for n, call in enumerate(self._calls)}
        symbols = [*self._columns, *form.constants, *self._places.values()]
        self._arguments = [
            [_compiled(symbols, _flat(one, self._places)) for one in call.args] for call in self._calls
        ]
        self._outer = _compiled(symbols, _flat(form.form, self._places))
        self._ranges: dict[str, tuple[Tensor, Tensor]] = {}
        with torch.no_grad():
            self(torch.from_numpy(problem.x))  # all samples tell the ranges of arguments

    def forward(self, x: Tensor) -> Tensor:
        """Values (n, 1) at scaled columns (n, columns), over the targets' deviation."""
        return self._evaluated(x)[0]

    def values(self, x: Tensor) -> dict[str, tuple[Array, Array]]:
        """Arguments (n, arguments) and values (n,) of each function at scaled columns."""
        with torch.no_grad():
            seen = self._evaluated(x)[1]
        found: dict[str, tuple[Array, Array]] = {}
        for call, (arguments, values) in zip(self._calls, seen, strict=True):
            name = str(call.func)
            one = arguments.numpy(), values.numpy()
            found[name] = (
                tuple(np.concatenate(pair) for pair in zip(found[name], one, strict=True))  # type: ignore[assignment]
                if name in found
                else one
            )
        return found

    def _evaluated(self, x: Tensor) -> tuple[Tensor, list[tuple[Tensor, Tensor]]]:
        columns = list((x * self._sizes).T)
        constants = list(self.constants)
        known: list[Tensor] = [torch.zeros(len(x), dtype=x.dtype)] * len(self._calls)
        seen = []
        for place, (call, parts) in enumerate(zip(self._calls, self._arguments, strict=True)):
            arguments = torch.stack([_full(part(*columns, *constants, *known), x) for part in parts], 1)
            values = self.functions[f"of_{call.func}"](self._in_range(str(call.func), arguments))[:, 0]
            known[place] = values
            seen.append((arguments, values))
        return _full(self._outer(*columns, *constants, *known), x)[:, None], seen

    def _in_range(self, name: str, arguments: Tensor) -> Tensor:
        """Arguments from -1 to 1, by the range of the first samples that were seen."""
        if name not in self._ranges:
            fixed = arguments.detach()
            low, high = fixed.min(0).values, fixed.max(0).values
            self._ranges[name] = (low + high) / 2, torch.clamp((high - low) / 2, min=1e-300)
        middle, half = self._ranges[name]
        return (arguments - middle) / half


def trained(form: Form, problem: Problem, seed: int) -> tuple[FormNetwork, float]:
    """Networks fitted to samples, and the share of the targets' deviation that they miss.

    The targets are divided by their deviation, so that values of functions are near 1.
    """
    model = FormNetwork(form, problem, seed)
    x = torch.from_numpy(problem.x)
    y = torch.from_numpy(problem.y / problem.y.std())[:, None]
    fit(model, (x, y), steps=_STEPS, progress=False)
    with torch.no_grad():
        rest = (model(x) - y).square().mean().sqrt()
    return model, float(rest)


def _network(arguments: int, seed: int) -> Network:
    width: Sequence[int] = [1, 1] if arguments == 1 else [arguments, 5, 1]
    return build(width, grid=_GRID, seed=seed, dtype=torch.float64)


def _flat(part: sympy.Expr, places: Mapping[AppliedUndef, sympy.Symbol]) -> sympy.Expr:
    """The outermost functions that are to be found as symbols."""
    return part.xreplace(dict(places))


def _compiled(symbols: Sequence[sympy.Symbol], part: sympy.Expr) -> Callable[..., Any]:
    return sympy.lambdify(symbols, part, [_TORCH, "math"])


def _full(values: Any, x: Tensor) -> Tensor:
    return torch.as_tensor(values, dtype=x.dtype).expand(len(x))


_TORCH: dict[str, Any] = {
    **{name: getattr(torch, name) for name in SAME_NAMES},
    "Abs": torch.abs,
    "Max": torch.maximum,
    "Min": torch.minimum,
}
