"""Estimators for scikit-learn; the package is imported here and nowhere else."""

from __future__ import annotations

from .._optional import optional

optional("sklearn", "sklearn", "edgewise.estimators")

from .classifier import KANClassifier as KANClassifier  # noqa: E402
from .estimator import formula_of as formula_of  # noqa: E402
from .regressor import KANRegressor as KANRegressor  # noqa: E402
