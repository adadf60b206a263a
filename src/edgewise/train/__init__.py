"""Training: data in, a `FitResult` out, the model trained in place."""

from __future__ import annotations

from .data import Data as Data
from .data import as_data as as_data
from .data import as_inputs as as_inputs
from .fit import fit as fit
from .loss import Loss as Loss
from .penalty import Penalty as Penalty
from .predict import evaluate as evaluate
from .predict import predict as predict
from .result import FitResult as FitResult
from .result import Stop as Stop
