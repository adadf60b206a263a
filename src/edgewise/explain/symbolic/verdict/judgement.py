"""What is said of a formula: numbers, one of four words, and a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["exact", "within noise", "approximation", "undefined"]


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """How well a formula does, on the samples and beside the network that it replaced.

    Errors are in units of the outputs. What a formula replaced is the network as it was before its first
    spline became a formula, or the model itself where none did.

    Attributes:
        error: Largest |formula - replaced network| over the samples and outputs; inf where the formula is
            not finite on a sample.
        r2: Coefficient of determination of the formula as a prediction of the replaced network, the least of
            the outputs; -inf where it is not finite on a sample.
        model_error: Largest |formula - model|, the model as it is now: what snapping and rounding changed.
        train_rmse: Root-mean-square error to the targets, over all outputs; None without targets.
        test_rmse: The same on samples that were held out; None without any.
        loss_ratio: RMSE of the formula over that of the replaced network, on held-out samples where there are
            some, the largest of the outputs; None without targets.
        noise: Standard deviation of the targets' noise that was used, of the output that decided; None where
            none was needed.
        verdict: "exact", "within noise", "approximation" or "undefined"; the worst of the outputs.
        reason: Why, in a sentence with the numbers.
    """

    error: float
    r2: float
    model_error: float
    train_rmse: float | None
    test_rmse: float | None
    loss_ratio: float | None
    noise: float | None
    verdict: Verdict
    reason: str

    def line(self) -> str:
        """The verdict and its sentence in one line."""
        return f"{self.verdict}: {self.reason}"
