"""Which optimiser is meant: ours by name or settings, torch's by name, class, instance or callable."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import torch

from ..._checks import is_number
from ...errors import InputError, unknown_name
from ...optim import BFGS, LBFGS, LevenbergMarquardt, Minimiser


class Ours(NamedTuple):
    """One of our own optimisers.

    Args:
        name: As users write it, in any case.
        make: Its settings.
        rate: Which setting `lr` is; None for an optimiser without one.
    """

    name: str
    make: type[Minimiser[Any, Any]]
    rate: str | None = None


OPTIMISERS: Mapping[str, Ours] = MappingProxyType(
    {
        ours.name.lower(): ours
        for ours in (
            Ours("LBFGS", LBFGS, rate="initial_step"),
            Ours("BFGS", BFGS, rate="initial_step"),
            Ours("LM", LevenbergMarquardt),
        )
    }
)
"""Every optimiser of ours, by its name in lower case."""

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
    return opt.lower() in OPTIMISERS if isinstance(opt, str) else isinstance(opt, Minimiser)


def make_optimiser(
    opt: Any, parameters: Iterable[torch.nn.Parameter], lr: float | None
) -> Minimiser[Any, Any] | torch.optim.Optimizer:
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
    if isinstance(opt, Minimiser):
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


def _by_name(name: str, parameters: list, lr: float | None) -> Minimiser[Any, Any] | torch.optim.Optimizer:
    ours = OPTIMISERS.get(name.lower())
    if ours is not None:
        if lr is None:
            return ours.make()
        if ours.rate is None:
            raise InputError(
                f"fit: lr must be left out with opt={ours.name!r}, which has none; got {lr!r}. Leave it out."
            )
        return ours.make(**{ours.rate: lr})
    known = torch_optimisers()
    if name.lower() not in known:
        raise unknown_name(
            "fit",
            "opt",
            name,
            [*(ours.name for ours in OPTIMISERS.values()), "auto", *(cls.__name__ for cls in known.values())],
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
