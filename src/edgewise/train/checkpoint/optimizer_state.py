"""The state of each optimiser, ours and torch's, in a form that a checkpoint can keep."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from ...optim import DenseMemory, LMState, QuasiNewtonState, as_tensor
from ..step.parameters import copy_into

_COUNTS = ("iterations", "evaluations")


def _arrays(memory: Any) -> tuple[str, ...]:
    return ("matrix",) if isinstance(memory, DenseMemory) else ("vectors", "inverse", "curvature", "overlap")


def quasi_newton_state(state: QuasiNewtonState) -> dict[str, Any]:
    """Where L-BFGS or BFGS stands, its memory included."""
    memory = {name: as_tensor(getattr(state.memory, name)) for name in _arrays(state.memory)}
    return {
        "x": state.x,
        "gradient": state.gradient,
        "value": float(state.value),
        "ending": state.ending,
        "memory": {**memory, "added": state.memory.added},
        **{name: getattr(state, name) for name in _COUNTS},
    }


def resumed_quasi_newton(fresh: QuasiNewtonState, kept: dict[str, Any]) -> QuasiNewtonState:
    """The state that `quasi_newton_state` wrote down.

    Args:
        fresh: One of the same problem and settings: what is kept must be of its shapes.
        kept: What `quasi_newton_state` gave.

    Raises:
        ValueError: a shape or data type is another.
    """
    x, gradient = torch.empty_like(fresh.x), torch.empty_like(fresh.gradient)
    memory = fresh.memory.copy()
    memory.clear()
    arrays = _arrays(memory)
    targets = [x, gradient, *(as_tensor(getattr(memory, name)) for name in arrays)]
    copy_into(targets, [kept["x"], kept["gradient"], *(kept["memory"][name] for name in arrays)])
    memory.added = max(0, int(kept["memory"]["added"]))
    counts = {name: int(kept[name]) for name in _COUNTS}
    ending = None if kept["ending"] is None else str(kept["ending"])
    return QuasiNewtonState(x, float(kept["value"]), gradient, memory, ending=ending, **counts)


def resumed_lm(fresh: LMState, kept: dict[str, Any]) -> LMState:
    """A state of Levenberg-Marquardt from its fields.

    Args:
        fresh: One of the same problem: what is kept must be of its shapes.
        kept: Fields by name.

    Raises:
        ValueError: a shape or data type is another.
    """
    x, residual, scale = torch.empty_like(fresh.x), torch.empty_like(fresh.residual), kept["scale"]
    copy_into([x, residual], [kept["x"], kept["residual"]])
    if scale is not None:
        copy_into([torch.empty_like(x)], [scale])
    ending = None if kept["ending"] is None else str(kept["ending"])
    return replace(
        fresh,
        x=x,
        value=float(kept["value"]),
        residual=residual,
        damping=float(kept["damping"]),
        growth=float(kept["growth"]),
        scale=scale,
        iterations=int(kept["iterations"]),
        evaluations=int(kept["evaluations"]),
        ending=ending,
    )


def optimiser_state(optimiser: torch.optim.Optimizer) -> dict[str, Any]:
    """The state of a torch optimiser."""
    return optimiser.state_dict()


def resume_optimiser(optimiser: torch.optim.Optimizer, state: dict[str, Any]) -> None:
    """Put a torch optimiser's state back, every tensor in the data type it had.

    Args:
        optimiser: A fresh one of the same parameters.
        state: What `optimiser_state` gave.
    """
    optimiser.load_state_dict(state)
    parameters = [part for group in optimiser.param_groups for part in group["params"]]
    for place, kept in state["state"].items():
        # Loading casts what is kept to the parameters' type, which may be another.
        owner = parameters[int(place)]
        optimiser.state[owner] = {
            name: value.to(owner.device) if isinstance(value, Tensor) and value.ndim else value
            for name, value in kept.items()
        }
