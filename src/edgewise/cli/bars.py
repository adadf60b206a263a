"""Bars of a page, in hundredths of the room that they have."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """What stands at the left and at the right end.

    Attributes:
        low: At the left; at most 0.
        high: At the right; at least 0.
    """

    low: float
    high: float

    def place(self, value: float) -> float:
        """Where a value stands, in hundredths; values beyond an end stand at it.

        Args:
            value: Any.

        Example:
            >>> Scale(-1.0, 3.0).place(0.0)
            25.0
        """
        inside = min(max(value, self.low), self.high)
        return round(100 * (inside - self.low) / ((self.high - self.low) or 1.0), 2)

    def bar(self, value: float, ends: tuple[float, float] | None = None, tone: str = "") -> dict[str, str]:
        """A bar from zero to a value, with the ends of its interval.

        Args:
            value: Any.
            ends: Of the interval; None without one.
            tone: Name of its colour.

        Example:
            >>> found = Scale(-1.0, 1.0).bar(0.5, (0.0, 1.0))
            >>> found["left"], found["width"], found["low"], found["span"]
            ('50', '25', '50', '50')
        """
        zero, end = self.place(0.0), self.place(value)
        found = {"zero": zero, "left": min(zero, end), "width": abs(end - zero)}
        if ends is not None:
            low, high = map(self.place, ends)
            found |= {"low": low, "span": high - low}
        return {name: f"{part:.4g}" for name, part in found.items()} | {"tone": tone}
