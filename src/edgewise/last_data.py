"""The samples a model was last fitted on, kept by reference for the verbs that need some."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from .errors import InputError
from .network import Network
from .train import Data, as_data, as_loss


class LastData:
    """Holds the data of the last fit; copies share it, pickles and files leave it out.

    Example:
        >>> LastData().last is None
        True
    """

    def __init__(self) -> None:
        self.last: Data | None = None

    def __deepcopy__(self, memo: dict[int, Any]) -> LastData:
        new = LastData()
        new.last = self.last
        return new

    def __reduce__(self) -> tuple[type[LastData], tuple[()]]:
        return LastData, ()

    def keep(self, fit: Callable[..., Any], model: Network, data: Any, **settings: Any) -> Any:
        """Run `fit` and remember what it was given; of a stream, the first rows.

        Targets that the outputs are no values of, such as classes beside logits, are left out.
        """
        result = fit(model, data, **settings)
        last = as_data(data, model)
        comparable = as_loss(settings.get("loss", "mse")).targets in ("values", "any")
        self.last = last if comparable else replace(last, y=None, test_y=None, validation_y=None)
        return result

    def inputs(self, x: Any, verb: str) -> Any:
        """`x`, or the inputs of the last fit where it is None; an error where there are none."""
        found = self.inputs_if_any(x)
        if found is None:
            raise InputError(
                f"{verb}: samples are needed; got none, and the model was not fitted yet. Pass x."
            )
        return found

    def inputs_if_any(self, x: Any) -> Any:
        """As `inputs`, for verbs that can do without."""
        return self.last.x if x is None and self.last is not None else x

    def data(self, data: Any, verb: str) -> Any:
        """`data`, or that of the last fit: inputs and targets, and those held out."""
        found = self.data_if_any(data)
        if found is None:
            raise InputError(
                f"{verb}: samples are needed; got none, and the model was not fitted yet. Pass data."
            )
        return found

    def data_if_any(self, data: Any) -> Any:
        """As `data`, for verbs that can do without."""
        return self.last if data is None else data

    def settings_of(self, format: str, settings: dict[str, Any]) -> dict[str, Any]:
        """Settings of an export, with the data by which equations are checked where none are given."""
        if format not in ("sympy", "latex") or self.last is None:
            return settings
        return {"data": self.last, **settings}
