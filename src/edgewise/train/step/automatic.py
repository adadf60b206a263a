"""`opt="auto"`: which optimiser suits a loss and the sizes of a problem, and the reason in words."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..data.data import Data
from ..objective.objective import Objective
from .parameters import trainable

_MOST_PARAMETERS = 2000
_MOST_ENTRIES = 2e7
_MOST_FULL_BATCH = 2e9


class Choice(NamedTuple):
    """An optimiser's name and why it was chosen."""

    name: str
    reason: str

    def __str__(self) -> str:
        return f"opt='auto' chose {self.name}: {self.reason}."


def choose_optimiser(
    *, squares: bool, whole: bool, outputs: int, parameters: int, penalised: bool = False
) -> Choice:
    """Choose by loss and size.

    Args:
        squares: Whether the objective is a mean square without a penalty.
        whole: Whether all samples are seen at once.
        outputs: Samples times outputs.
        parameters: Numbers that are trained.
        penalised: Whether edges are being driven to zero.

    Returns:
        "LM" for small sums of squares, "BFGS" for other losses of few parameters, "LBFGS" for all else that
        sees its samples at once and is not very large, "Adam" for the rest.

    Example:
        >>> print(choose_optimiser(squares=True, whole=True, outputs=1000, parameters=100))
        opt='auto' chose LM: a mean square of 1000 errors in 100 parameters.
    """
    if not whole:
        return Choice("Adam", "the samples come in batches")
    if outputs * parameters > _MOST_FULL_BATCH:
        return Choice("Adam", f"{outputs} errors in {parameters} parameters are many for one step")
    if not squares and not penalised and parameters <= _MOST_PARAMETERS:
        return Choice("BFGS", f"a loss that is no mean square, in {parameters} parameters")
    if not squares:
        return Choice("LBFGS", "the objective is no plain mean square")
    if parameters <= _MOST_PARAMETERS and outputs * parameters <= _MOST_ENTRIES:
        return Choice("LM", f"a mean square of {outputs} errors in {parameters} parameters")
    return Choice("LBFGS", f"the Jacobian of {outputs} errors in {parameters} parameters would be large")


def resolve_auto(opt: Any, objective: Objective, data: Data, batch: int | None) -> tuple[Any, list[str]]:
    """Put a choice in the place of "auto"; anything else stays as it is.

    Args:
        opt: As in `fit`.
        objective: What is minimised.
        data: The samples.
        batch: Samples to a mini-batch; None for all.

    Returns:
        What to train with, and notes for the result.
    """
    if not (isinstance(opt, str) and opt.lower() == "auto"):
        return opt, []
    choice = choose_optimiser(
        squares=objective.is_sum_of_squares,
        whole=batch is None and data.batches is None,
        outputs=data.y.numel(),
        parameters=sum(part.numel() for part in trainable(objective.model)),
        penalised=bool(objective.penalty.lamb),
    )
    return choice.name, [str(choice)]
