"""scikit-learn's own checks of what an estimator must keep to."""

from __future__ import annotations

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from edgewise.estimators import KANClassifier, KANRegressor


@pytest.mark.filterwarnings("default")
@parametrize_with_checks([KANRegressor(), KANClassifier()])
def test_the_check_of_scikit_learn_passes(estimator, check):
    check(estimator)
