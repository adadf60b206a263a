"""Estimators for scikit-learn; the package is imported here and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import lazy_names
from .._optional import optional

optional("sklearn", "sklearn", "edgewise.estimators")

from .classifier import KANClassifier
from .columns import CODE as CODE
from .columns import DAY_FIRST as DAY_FIRST
from .columns import GAP_WORDS as GAP_WORDS
from .columns import MAX_CATEGORIES as MAX_CATEGORIES
from .columns import MONTH_FIRST as MONTH_FIRST
from .columns import NEARLY_ALL as NEARLY_ALL
from .columns import TRUTHS as TRUTHS
from .columns import CategoryRule as CategoryRule
from .columns import ColumnTransform as ColumnTransform
from .columns import DateStyle as DateStyle
from .columns import MeansRule as MeansRule
from .columns import NumericRule as NumericRule
from .columns import Rule as Rule
from .columns import TableEncoder as TableEncoder
from .columns import days as days
from .columns import decide_dates as decide_dates
from .columns import hours as hours
from .columns import is_categorical as is_categorical
from .columns import is_gap as is_gap
from .columns import kind_of_text as kind_of_text
from .columns import level_of as level_of
from .compare import Comparison, baselines, compare, constant_scores, scores
from .compare import folds as folds
from .contributions import Contributions
from .estimator import formula_of
from .estimator import importances_of as importances_of
from .explained import ExplainedRow as ExplainedRow
from .explained import Step as Step
from .explained import explain_row
from .interactions import Interaction, interaction
from .interactions import strongest_pairs as strongest_pairs
from .leaks import is_row_number as is_row_number
from .leaks import leak as leak
from .leaks import order_of as order_of
from .losses import Loss as Loss
from .losses import loss_of as loss_of
from .metrics import calibration as calibration
from .metrics import confusion as confusion
from .metrics import intervals as intervals
from .metrics import quantile_loss as quantile_loss
from .metrics import roc_points as roc_points
from .metrics import score_classes as score_classes
from .metrics import score_values as score_values
from .refit import refit as refit
from .regressor import KANRegressor
from .shapes import Axis, Shape, shapes
from .shapes import positions as positions
from .task import probabilities as probabilities

if TYPE_CHECKING:
    from .formula_regressor import FormulaRegressor

__all__ = [
    "Axis",
    "Comparison",
    "Contributions",
    "FormulaRegressor",
    "Interaction",
    "KANClassifier",
    "KANRegressor",
    "Shape",
    "baselines",
    "compare",
    "constant_scores",
    "explain_row",
    "formula_of",
    "interaction",
    "scores",
    "shapes",
]

__getattr__ = lazy_names(__name__, {"FormulaRegressor": "formula_regressor"})  # it needs sympy
