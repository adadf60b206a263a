"""How many of scikit-learn's checks do the estimators pass?

SCIPY_ARRAY_API=1 python benchmarks/check_estimators.py [NAME ...]

All defaults are as they are, but that a search for a law has ten seconds and no networks: the checks give it noise, in
which it would look for a minute each time. Without the variable scikit-learn skips one check, that of other packages'
arrays.
"""

from __future__ import annotations

import sys
import warnings
from collections import Counter

import sklearn
from sklearn.utils.estimator_checks import check_estimator

from edgewise.estimators import FormulaRegressor, KANClassifier, KANRegressor

ESTIMATORS = (KANRegressor(), KANClassifier(), FormulaRegressor(networks=False, seconds=10))


def main(names: list[str]) -> None:
    warnings.simplefilter("ignore")
    for estimator in ESTIMATORS:
        name = type(estimator).__name__
        if names and name not in names:
            continue
        results = check_estimator(estimator, on_skip=None, on_fail=None)
        counts = Counter(result["status"] for result in results)
        print(f"scikit-learn {sklearn.__version__}, {name}: {dict(counts)}", flush=True)
        for result in results:
            if result["status"] != "passed":
                print(f"  {result['status']}: {result['check_name']}: {result['exception']}")


if __name__ == "__main__":
    main(sys.argv[1:])
