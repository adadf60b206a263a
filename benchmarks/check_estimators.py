"""How many of scikit-learn's checks do the estimators pass, all defaults as they are?

SCIPY_ARRAY_API=1 python benchmarks/check_estimators.py

Without the variable scikit-learn skips one check, that of other packages' arrays.
"""

from __future__ import annotations

import warnings
from collections import Counter

import sklearn
from sklearn.utils.estimator_checks import check_estimator

from edgewise.estimators import FormulaRegressor, KANClassifier, KANRegressor


def main() -> None:
    warnings.simplefilter("ignore")
    for estimator in (KANRegressor(), KANClassifier(), FormulaRegressor(networks=False)):
        results = check_estimator(estimator, on_skip=None, on_fail=None)
        counts = Counter(result["status"] for result in results)
        print(f"scikit-learn {sklearn.__version__}, {type(estimator).__name__}: {dict(counts)}")
        for result in results:
            if result["status"] != "passed":
                print(f"  {result['status']}: {result['check_name']}: {result['exception']}")


if __name__ == "__main__":
    main()
