"""Training: data in, a `FitResult` out, the model trained in place."""

from __future__ import annotations

from .data.data import Data as Data
from .data.data import as_data as as_data
from .data.data import as_inputs as as_inputs
from .fit import fit as fit
from .objective.loss import Loss as Loss
from .objective.penalty import Penalty as Penalty
from .predict import evaluate as evaluate
from .predict import predict as predict
from .run.result import FitResult as FitResult
from .run.result import Stop as Stop
