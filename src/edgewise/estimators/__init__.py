"""Estimators for scikit-learn; the package is imported here and nowhere else."""

from __future__ import annotations

from .._optional import optional

optional("sklearn", "sklearn", "edgewise.estimators")

from .classifier import KANClassifier
from .compare import Comparison, baselines, compare, constant_scores, scores
from .compare import folds as folds
from .encoding import MAX_CATEGORIES as MAX_CATEGORIES
from .encoding import CategoryRule as CategoryRule
from .encoding import NumericRule as NumericRule
from .encoding import TableEncoder as TableEncoder
from .encoding import is_categorical as is_categorical
from .estimator import formula_of
from .estimator import importances_of as importances_of
from .metrics import calibration as calibration
from .metrics import confusion as confusion
from .metrics import intervals as intervals
from .metrics import quantile_loss as quantile_loss
from .metrics import score_classes as score_classes
from .metrics import score_values as score_values
from .regressor import KANRegressor
from .task import probabilities as probabilities

__all__ = [
    "Comparison",
    "KANClassifier",
    "KANRegressor",
    "baselines",
    "compare",
    "constant_scores",
    "formula_of",
    "scores",
]
