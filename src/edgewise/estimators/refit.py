"""`refit`: the same kind of model for other rows, without choosing anew."""

from __future__ import annotations

from typing import Any

from sklearn.base import clone


def refit(estimator: Any, X: Any, y: Any, sample_weight: Any = None) -> Any:
    """Fit a fresh estimator with the depth and the smoothness that were chosen for another.

    Args:
        estimator: A fitted `KANRegressor` or `KANClassifier`; left as it is.
        X: Other rows of its table.
        y: Their targets.
        sample_weight: Of these rows; None for equal ones.

    Returns:
        The fresh estimator.

    Example:
        >>> import numpy as np
        >>> from edgewise.estimators import KANRegressor
        >>> x = np.linspace(-1, 1, 60)[:, None]
        >>> first = KANRegressor().fit(x, x[:, 0])
        >>> refit(first, x[::2], x[::2, 0]).search_result_.deep == first.search_result_.deep
        True
    """
    chosen = estimator.search_result_
    *below, outputs = chosen.model.width
    hidden = [int(nodes) - int(outputs) for nodes in below[1:]] if chosen.deep else 0
    fresh = clone(estimator)
    fresh.set_params(
        hidden=hidden, smoothness=chosen.roughness.strength, validation=0.2, verbose=False
    )  # one split is enough where next to nothing is left to choose
    return fresh.fit(X, y, sample_weight)
