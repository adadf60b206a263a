"""The models that are compared, all with their defaults, and what they need before they take a table."""

from __future__ import annotations

from typing import Any

import numpy as np
from interpret.glassbox import ExplainableBoostingClassifier, ExplainableBoostingRegressor
from pygam import LinearGAM, LogisticGAM
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler, TargetEncoder

from edgewise.estimators import KANClassifier, KANRegressor

MODELS = ["KAN", "linear", "forest", "boosting", "MLP", "GAM", "EBM"]
_ONE_HOT = 20


class OneAgainstRest:
    """pyGAM tells two classes apart; several are told by one GAM each."""

    def fit(self, x: np.ndarray, y: np.ndarray) -> OneAgainstRest:
        self.classes_ = np.unique(y)
        wanted = self.classes_[1:] if len(self.classes_) == 2 else self.classes_
        self.models = [LogisticGAM().fit(x, (y == label).astype(float)) for label in wanted]
        return self

    def predict_proba(self, x: np.ndarray) -> np.ndarray:
        shares = np.stack([model.predict_proba(x) for model in self.models], 1)
        if len(self.classes_) == 2:
            return np.concatenate([1 - shares, shares], 1)
        return shares / np.maximum(shares.sum(1, keepdims=True), 1e-12)


class _EachOutput:
    """One model for each output, for those that take one."""

    def __init__(self, name: str) -> None:
        self.name = name

    def fit(self, x: np.ndarray, y: np.ndarray) -> _EachOutput:
        self.models = [_regressor(self.name, False).fit(x, column) for column in y.T]
        return self

    def predict(self, x: np.ndarray) -> np.ndarray:
        return np.stack([model.predict(x) for model in self.models], 1)


class Coded:
    """A model of numbers behind codes for text: one-hot, and target means where there are many levels."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def fit(self, x: Any, y: np.ndarray) -> Coded:
        if hasattr(x, "columns"):
            text = [name for name in x.columns if x[name].dtype.kind not in "iuf"]
            many = [name for name in text if x[name].nunique() > _ONE_HOT]
            few = [name for name in text if name not in many]
            one_hot = OneHotEncoder(handle_unknown="ignore", sparse_output=False, drop="if_binary")
            means = TargetEncoder(random_state=0)
            self.coder = make_column_transformer((one_hot, few), (means, many), remainder="passthrough")
            x = np.asarray(self.coder.fit_transform(x, y), float)
        self.model.fit(x, y)
        self.classes_ = getattr(self.model, "classes_", None)
        return self

    def _numbers(self, x: Any) -> np.ndarray:
        return np.asarray(self.coder.transform(x), float) if hasattr(x, "columns") else x

    def predict(self, x: Any) -> np.ndarray:
        return self.model.predict(self._numbers(x))

    def predict_proba(self, x: Any) -> np.ndarray:
        return self.model.predict_proba(self._numbers(x))


def fresh(name: str, values: bool, several: bool) -> Any:
    """A model that was not fitted yet; KAN and EBM take text as it is."""
    made = _regressor(name, several) if values else _classifier(name)
    return made if name in ("KAN", "EBM") else Coded(made)


def _scaled(model: Any) -> Any:
    return make_pipeline(StandardScaler(), model)


def _regressor(name: str, several: bool) -> Any:
    mlp = TransformedTargetRegressor(MLPRegressor(random_state=0), transformer=StandardScaler())
    made = {
        "KAN": lambda: KANRegressor(),
        "linear": lambda: _scaled(RidgeCV(np.logspace(-3, 3, 13))),
        "forest": lambda: RandomForestRegressor(random_state=0),
        "boosting": lambda: HistGradientBoostingRegressor(random_state=0),
        "MLP": lambda: _scaled(mlp),
        "GAM": lambda: LinearGAM(),
        "EBM": lambda: ExplainableBoostingRegressor(random_state=0, n_jobs=1),
    }[name]()
    return _EachOutput(name) if several and name in ("boosting", "GAM", "EBM") else made


def _classifier(name: str) -> Any:
    return {
        "KAN": lambda: KANClassifier(),
        "linear": lambda: _scaled(LogisticRegression()),
        "forest": lambda: RandomForestClassifier(random_state=0),
        "boosting": lambda: HistGradientBoostingClassifier(random_state=0),
        "MLP": lambda: _scaled(MLPClassifier(random_state=0)),
        "GAM": lambda: OneAgainstRest(),
        "EBM": lambda: ExplainableBoostingClassifier(random_state=0, n_jobs=1),
    }[name]()
