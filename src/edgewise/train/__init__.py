"""Training: data in, a `FitResult` out, the model trained in place."""

from __future__ import annotations

from ..events import Stop
from .checkpoint.settings import Checkpoint
from .data.data import Data, as_data
from .fit import fit
from .grids.extension import extend_grids
from .grids.grid_extension import GridExtension
from .grids.schedule import ENDS_ALL as ENDS_ALL
from .grids.schedule import GridSchedule as GridSchedule
from .grids.schedule import GridStage as GridStage
from .grids.schedule import is_improving as is_improving
from .grids.schedule import run_stages as run_stages
from .grids.updates import GridUpdates
from .objective.loss import Loss
from .objective.loss import as_loss as as_loss
from .objective.penalty import Penalty, forward_with_penalty
from .outputs import predict_in_chunks as predict_in_chunks
from .predict import evaluate, predict
from .run.progress import Progress as Progress
from .run.result import FitResult
from .step.parameters import FlatParameters as FlatParameters
from .step.parameters import trainable as trainable

__all__ = [
    "Checkpoint",
    "Data",
    "FitResult",
    "GridExtension",
    "GridUpdates",
    "Loss",
    "Penalty",
    "Stop",
    "as_data",
    "evaluate",
    "extend_grids",
    "fit",
    "forward_with_penalty",
    "predict",
]
