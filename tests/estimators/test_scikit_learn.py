"""scikit-learn's own checks of what an estimator must keep to.

One split in place of three thirds, as these are some hundred fits; `benchmarks/check_estimators.py` runs them
with all defaults.
"""

from __future__ import annotations

from functools import partial

import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator

from edgewise.estimators import KANClassifier, KANRegressor

CHECKS = [
    pytest.param(estimator, check, id=f"{type(estimator).__name__}-{getattr(check, 'func', check).__name__}")
    for each in (KANRegressor(validation=0.25), KANClassifier(validation=0.25))
    for estimator, check in estimator_checks_generator(each)
]


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize(("estimator", "check"), CHECKS)
def test_the_check_of_scikit_learn_passes(estimator, check: partial):
    check(estimator)
