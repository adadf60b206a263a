"""`FormulaRegressor`: predict values by the law that is found in them."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from ..discovery import Discovery, SplineNetwork, Weighted, discover
from ..errors import InputError, TableWarning
from .tables import names_of_targets, refuse_no_numbers

_FEWEST = 10


class FormulaRegressor(RegressorMixin, BaseEstimator):
    """Regression by one formula, which is looked for as `edgewise.discover` does.

    Columns have to be numbers without gaps: a formula says nothing of text, and a filled gap would bend it. Equal rows
    count as one of their weight, and the order of the rows does not matter. Where no formula earns its place
    a network of splines predicts, if `networks` allows one and it explains the targets, else their mean; a `TableWarning`
    says which.

    Args:
        noise: Standard deviation of the targets' noise; 0 for none; None to estimate it.
        units: Unit of each column and of the target, by name, as for `discover`.
        constants: With units, constants of nature that a law may hold by name.
        guess: A formula to start from.
        form: What a law consists of, such as "a*f(x_1) + g(x_2, x_3)".
        functions: Names of functions that may occur; all if None.
        required: Columns that have to occur.
        forbidden: Columns that must not.
        limits: What laws come to, such as {"x_1 -> oo": 0}.
        seconds: Time there is. A search that it ends may end elsewhere on another machine.
        networks: Whether formulas are read off networks too.
        test: Share of the rows that are held out to judge laws.
        random_state: Of the split and the networks; None is 0.

    Attributes:
        formula_: The law as a sympy expression of the columns' names, with all digits; None where there is no law.
        discovery_: What `discover` gave: the front, verdict, standard errors; None for less than 10 different rows.
        target_name_: Name of the series that `y` was, else y.
        n_features_in_: Number of columns.
        feature_names_in_: Their names, where a frame was given.

    Example:
        >>> x = np.random.default_rng(0).uniform(1, 3, (200, 2))
        >>> model = FormulaRegressor().fit(x, x[:, 0] / np.sqrt(1 - x[:, 1] ** 2 / 16))
        >>> model.formula_, model.discovery_.best.verdict
        (4*x_1/sqrt(16 - x_2**2), 'exact')
    """

    def __init__(
        self,
        *,
        noise: float | None = None,
        units: Mapping[str, Any] | None = None,
        constants: Any = (),
        guess: Any = None,
        form: Any = None,
        functions: str | Iterable[str] | None = None,
        required: str | Iterable[str] = (),
        forbidden: str | Iterable[str] = (),
        limits: Mapping[str, Any] | None = None,
        seconds: float = 60.0,
        networks: bool = True,
        test: float = 0.2,
        random_state: Any = None,
    ) -> None:
        self.noise = noise
        self.units = units
        self.constants = constants
        self.guess = guess
        self.form = form
        self.functions = functions
        self.required = required
        self.forbidden = forbidden
        self.limits = limits
        self.seconds = seconds
        self.networks = networks
        self.test = test
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> FormulaRegressor:
        """Look for a law.

        Args:
            X: A frame or an array of numbers, (n, columns).
            y: Values, (n,).
            sample_weight: How much each row counts, (n,), at least 0; None where all count alike.

        Returns:
            The estimator.

        Raises:
            InputError: a column holds text, or a setting is out of bounds.
            ValueError: there are gaps, or shapes do not fit.
        """
        _refuse_text(X)
        if y is not None:
            refuse_no_numbers(y)
        self.target_name_ = (names_of_targets(y) or ("y",))[0]
        X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        weights = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        X, y, weights = _different(X, np.asarray(y, dtype=np.float64), weights)
        self._mean = float(np.average(y, weights=weights))
        self.discovery_ = self._discovered(X, y, weights)
        best = None if self.discovery_ is None else self.discovery_.best
        self.formula_ = None if best is None else best.expression
        if best is None:
            found = self.discovery_
            why = f"There are {len(y)} different rows, and 10 are the fewest." if found is None else found.why
            by = "the mean is predicted" if self._splines is None else "a network of splines predicts"
            text = f"FormulaRegressor: {by}, as there is no law. {why}"
            warnings.warn(text, TableWarning, stacklevel=2)
        return self

    def _discovered(self, x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> Discovery | None:
        if len(y) < _FEWEST:
            return None
        settings = self.get_params(deep=False)
        seed = _seed(settings.pop("random_state"))
        if not (weights == weights[0]).all():
            settings["noise"] = Weighted(weights, self.noise)
        found = discover(x, y, names=self._names(), seed=seed, progress=False, **settings)
        assert isinstance(found, Discovery)  # of one output
        return found

    def predict(self, X: Any) -> np.ndarray:
        """Predicted values, shape (n,).

        Args:
            X: As for `fit`.

        Raises:
            InputError: the law has no real value at a row.
        """
        check_is_fitted(self)
        _refuse_text(X)
        X = validate_data(self, X, reset=False, dtype=np.float64)
        if self.discovery_ is None or self.discovery_.best is None:
            return np.full(len(X), self._mean) if self._splines is None else self._splines.predict(X)
        values = self.discovery_.predict(X)
        bad = np.flatnonzero(~np.isfinite(values))
        if len(bad):
            raise InputError(
                f"predict: the law must have a finite value at every row; got none at {len(bad)} of {len(X)}, such as row "
                f"{bad[0]}, {X[bad[0]].tolist()}. The law is {self.discovery_.best.text(6)}: leave such rows out."
            )
        return values

    @property
    def _splines(self) -> SplineNetwork | None:
        return None if self.discovery_ is None else self.discovery_.splines

    def _names(self) -> list[str]:
        if hasattr(self, "feature_names_in_"):
            return [str(name) for name in self.feature_names_in_]
        return [f"x_{column + 1}" for column in range(self.n_features_in_)]


def _seed(state: Any) -> int:
    if state is None or isinstance(state, (int, np.integer)):
        return int(state or 0)
    return int(state.randint(2**31 - 1))


def _different(
    x: np.ndarray, y: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Different rows of some weight, in an order of their own, and how much each counts."""
    used = weights > 0
    if not used.any():
        raise ValueError("FormulaRegressor: sample_weight must not be all zero; give some rows weight.")
    rows, where = np.unique(np.column_stack([x, y])[used], axis=0, return_inverse=True)
    return rows[:, :-1], rows[:, -1], np.bincount(where.ravel(), weights=weights[used])


def _refuse_text(table: Any) -> None:
    """Raise where a column of a frame is text, categories or dates.

    Raises:
        InputError: one is.
    """
    for name in getattr(table, "columns", ()):
        column = table[name]
        array = np.asarray(column.to_numpy() if hasattr(column, "to_numpy") else column)
        if array.dtype.kind in "USMm" or (
            array.dtype.kind == "O" and any(isinstance(e, str) for e in array.flat)
        ):
            raise InputError(
                f"FormulaRegressor: columns must hold numbers; got {str(array.flat[0])!r} in column {str(name)!r}. Leave it "
                f"out, or use KANRegressor, which takes text and dates."
            )
