"""A fit that goes on from the last one, for `warm_start`."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import Any

from ..network import Scaler
from .growth import linearise_binary
from .lbfgs_fit import LBFGSFit
from .samples import Samples
from .search import ModelSearchResult
from .settings import Settings
from .task import Task


@dataclass(frozen=True)
class LastFit:
    """What another fit needs to go on from one.

    Attributes:
        key: What must be as it was: settings, encoded columns, classes.
        found: The network, between the scalers.
        inputs: Scaler of the inputs.
        task: What was predicted, with the scaler of the outputs.
    """

    key: Any
    found: ModelSearchResult
    inputs: Scaler
    task: Task


def resume(before: ModelSearchResult, samples: Samples, task: Task, settings: Settings) -> ModelSearchResult:
    """Train a network further, of the smoothness and depth that were chosen for it.

    Args:
        before: Left as it is.
        samples: Scaled as those of the first fit were.
        task: With the scaler of the first fit.
        settings: Of which the steps count.
    """
    model = copy.deepcopy(before.model)
    descent = LBFGSFit(model, samples, task, patience=settings.steps)
    descent.run(before.roughness, settings.steps)
    return replace(
        before,
        model=linearise_binary(model, samples.x),
        history={"train_loss": descent.train},
        steps=len(descent.train),
    )
