"""What `discover` gives back for several outputs: a discovery for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ..errors import unknown_name
from .problem import Array
from .result import Discovery


class Discoveries:
    """A discovery for each output, by its name or number, and in order.

    Attributes:
        names: Of the outputs.

    Args:
        found: By name, in the order of the targets' columns.

    Example:
        >>> from edgewise import discover
        >>> x = np.random.default_rng(0).uniform(1, 3, (100, 2))
        >>> found = discover(x, np.stack([x[:, 0] * x[:, 1], x[:, 0] ** 2], 1), names=["a", "b"])
        >>> found["y_1"].best.expression, found[1].best.expression
        (a*b, a**2)
        >>> found.predict([[2.0, 3.0]])
        array([[6., 4.]])
        >>> [one.best.verdict for one in found]
        ['exact', 'exact']
    """

    def __init__(self, found: Mapping[str, Discovery]) -> None:
        self._found = dict(found)
        self.names = tuple(self._found)

    def __getitem__(self, key: str | int) -> Discovery:
        """One by its name, or by its number from 0."""
        if isinstance(key, (int, np.integer)) and -len(self) <= key < len(self):
            return list(self._found.values())[key]
        if key not in self._found:
            raise unknown_name("discover", "an output", key, self._found)
        return self._found[str(key)]

    def __iter__(self) -> Iterator[Discovery]:
        """The discoveries in order."""
        return iter(self._found.values())

    def __len__(self) -> int:
        """Count the outputs."""
        return len(self._found)

    def predict(self, x: Any) -> Array:
        """Values (n, outputs) of the chosen laws at inputs (n, columns).

        Raises:
            InputError: an output has no law.
        """
        return np.stack([one.predict(x) for one in self], 1)

    def __str__(self) -> str:
        return "\n\n".join(f"{name}:\n{one}" for name, one in self._found.items())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return "".join(f"<h4>{name}</h4>{one._repr_html_()}" for name, one in self._found.items())
