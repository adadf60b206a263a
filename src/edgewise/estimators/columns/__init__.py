"""The columns of a table: what they hold, the rules by which they are encoded, and what is unlike the training rows."""

from __future__ import annotations

from .cells import GAP, columns_of, is_gap
from .codes import codes_of
from .dates import DAY_FIRST, MONTH_FIRST, DateStyle, days, decide_dates, hours
from .encoder import MAX_CATEGORIES, FittedEncoder, LevelTargets, TableEncoder, fit_encoder
from .kinds import CODE, GAP_WORDS, NEARLY_ALL, is_categorical, kind_of_text
from .levels import TRUTHS, level_of
from .remarks import Remarks, shown_value
from .rules import CategoryRule, MeansRule, NumericRule, Rule, levels_of
from .transform import AS_IT_IS, ColumnTransform

__all__ = [
    "AS_IT_IS",
    "CODE",
    "DAY_FIRST",
    "GAP",
    "GAP_WORDS",
    "MAX_CATEGORIES",
    "MONTH_FIRST",
    "NEARLY_ALL",
    "TRUTHS",
    "CategoryRule",
    "ColumnTransform",
    "DateStyle",
    "FittedEncoder",
    "LevelTargets",
    "MeansRule",
    "NumericRule",
    "Remarks",
    "Rule",
    "TableEncoder",
    "codes_of",
    "columns_of",
    "days",
    "decide_dates",
    "fit_encoder",
    "hours",
    "is_categorical",
    "is_gap",
    "kind_of_text",
    "level_of",
    "levels_of",
    "shown_value",
]
