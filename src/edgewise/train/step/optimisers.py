"""Which optimiser is meant: ours by name or settings, torch's by name, class, instance or callable."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

import torch

from ...errors import InputError, unknown_name
from ...optim import BFGS, LBFGS, LevenbergMarquardt, QuasiNewton
from ..arguments import is_number

Optimiser = "str | QuasiNewton | LevenbergMarquardt | torch.optim.Optimizer | type[torch.optim.Optimizer] | Callable[..., Any]"

_QUASI_NEWTON: dict[str, type[QuasiNewton]] = {"lbfgs": LBFGS, "bfgs": BFGS}

# Steps that suit small networks in scaled units; torch's defaults suit large ones.
_LEARNING_RATES = {
    "adam": 1e-2,
    "adamw": 1e-2,
    "adamax": 1e-2,
    "nadam": 1e-2,
    "radam": 1e-2,
    "rmsprop": 1e-3,
    "rprop": 1e-2,
    "adagrad": 1e-1,
    "adadelta": 1.0,
    "sgd": 1e-1,
    "asgd": 1e-1,
    "adafactor": 1e-2,
}


def torch_optimisers() -> dict[str, type[torch.optim.Optimizer]]:
    """List torch's optimisers that take any dense parameters, by lower-case name.

    Example:
        >>> "adam" in torch_optimisers()
        True
    """
    left_out = {"optimizer", "lbfgs", "sparseadam", "muon"}
    classes = inspect.getmembers(torch.optim, inspect.isclass)
    return {
        name.lower(): cls
        for name, cls in classes
        if issubclass(cls, torch.optim.Optimizer) and name.lower() not in left_out
    }


def is_full_batch(opt: Any) -> bool:
    """Whether the optimiser needs all samples at once.

    Example:
        >>> is_full_batch("LM"), is_full_batch("Adam")
        (True, False)
    """
    if isinstance(opt, str):
        return opt.lower() in (*_QUASI_NEWTON, "lm")
    return isinstance(opt, (QuasiNewton, LevenbergMarquardt))


def make_optimiser(
    opt: Any, parameters: Iterable[torch.nn.Parameter], lr: float | None
) -> QuasiNewton | LevenbergMarquardt | torch.optim.Optimizer:
    """Find the optimiser that `opt` means.

    Args:
        opt: "LBFGS", "BFGS", "LM", or settings of these for ours; the name of a torch optimiser
            in any case; a torch optimiser class or instance; or a callable from parameters to one.
        parameters: What is trained.
        lr: Learning rate; None for one that suits small networks. For ours, the first length tried.

    Returns:
        Settings of ours, or a torch optimiser.

    Raises:
        UnknownName: no optimiser has this name.
        InputError: not an optimiser, one of other parameters, or a rate that is not positive.

    Example:
        >>> make_optimiser("LBFGS", [], None).history
        10
    """
    parameters = list(parameters)
    if lr is not None and not (is_number(lr) and 0 < lr < float("inf")):
        raise InputError(f"fit: lr must be a positive number; got {lr!r}. Leave it out for the default.")
    lr = None if lr is None else float(lr)
    if isinstance(opt, str):
        return _by_name(opt, parameters, lr)
    if isinstance(opt, (QuasiNewton, LevenbergMarquardt)):
        return opt
    if isinstance(opt, torch.optim.Optimizer):
        return _checked_instance(opt, parameters, lr)
    if isinstance(opt, type) and issubclass(opt, torch.optim.Optimizer):
        return _build(opt, parameters, lr)
    if callable(opt):
        made = opt(parameters)
        if isinstance(made, torch.optim.Optimizer):
            return _checked_instance(made, parameters, lr)
    raise InputError(
        f"fit: opt must be a name, settings of ours, a torch optimiser or a callable that makes one; got {opt!r}. "
        f"Pass for example 'LBFGS' or 'Adam'."
    )


def _by_name(
    name: str, parameters: list, lr: float | None
) -> QuasiNewton | LevenbergMarquardt | torch.optim.Optimizer:
    if name.lower() in _QUASI_NEWTON:
        method = _QUASI_NEWTON[name.lower()]
        return method() if lr is None else method(first_step=lr)
    if name.lower() == "lm":
        if lr is not None:
            raise InputError(
                f"fit: lr must be left out with opt='LM', which has none; got {lr!r}. Leave it out."
            )
        return LevenbergMarquardt()
    known = torch_optimisers()
    if name.lower() not in known:
        raise unknown_name(
            "fit", "opt", name, ["LBFGS", "BFGS", "LM", "auto", *(cls.__name__ for cls in known.values())]
        )
    return _build(known[name.lower()], parameters, lr)


def _build(cls: type[torch.optim.Optimizer], parameters: list, lr: float | None) -> torch.optim.Optimizer:
    rate = _LEARNING_RATES.get(cls.__name__.lower()) if lr is None else lr
    return cls(parameters) if rate is None else cls(parameters, lr=rate)  # type: ignore[call-arg]


def _checked_instance(
    optimiser: torch.optim.Optimizer, parameters: list, lr: float | None
) -> torch.optim.Optimizer:
    if lr is not None:
        raise InputError(
            "fit: lr must be left out when opt is an optimiser that has its own; got both. "
            "Set the rate when you build the optimiser."
        )
    wanted = {id(parameter) for parameter in parameters}
    if not any(id(p) in wanted for group in optimiser.param_groups for p in group["params"]):
        raise InputError(
            "fit: opt must hold parameters of the model; got an optimiser of other tensors. "
            "Build it from model.parameters(), after the last change of the model's shape."
        )
    return optimiser
