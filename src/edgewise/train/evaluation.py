"""Measuring a model on the parts of its data, and keeping the histories."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from .data.data import Data
from .objective.loss import Loss
from .objective.metrics import Metric
from .objective.objective import Report
from .outputs import predict_in_chunks
from .step.batches import Batches


@dataclass
class Evaluation:
    """Measures losses and metrics at each step and collects them.

    Args:
        model: Who is measured, in evaluation mode and without a graph.
        data: On what.
        loss: By which loss.
        metrics: What else.
        history: One list a quantity.
    """

    model: nn.Module
    data: Data
    loss: Loss
    metrics: dict[str, Metric]
    history: dict[str, list[float]] = field(default_factory=dict)

    def record(self, report: Report) -> dict[str, float]:
        """Measure at the present weights, whose training loss is known, and append to the histories.

        Returns:
            What was appended, by name.
        """
        values = self.measure(report)
        for name, value in values.items():
            self.history.setdefault(name, []).append(value)
        return values

    def measure(self, report: Report | None = None) -> dict[str, float]:
        """Measure losses and metrics by name, at the present weights."""
        raw = self.train_loss() if report is None else report.loss
        values = {"train_loss": self.loss.report(raw), self.loss.name: raw}
        if report is not None and report.penalty is not None:
            values["penalty"] = report.penalty
        if self.metrics:
            values |= self._metrics("", predict_in_chunks(self.model, self.data.x), self.data.y)
        for part in ("test", "validation"):
            x, y = self.part(part)
            if x is not None and y is not None:
                prediction = predict_in_chunks(self.model, x)
                values[f"{part}_loss"] = self.loss.report(self.loss.measure(prediction, y))
                values |= self._metrics(f"{part}_", prediction, y)
        return values

    def part(self, name: str) -> tuple[Tensor | None, Tensor | None]:
        """Inputs and targets of "test" or "validation"; None where there are none."""
        return getattr(self.data, f"{name}_x"), getattr(self.data, f"{name}_y")

    def loss_on(self, name: str) -> float | None:
        """Reported loss on "test" or "validation" data, None without."""
        x, y = self.part(name)
        if x is None or y is None:
            return None
        return self.loss.report(self.loss.measure(predict_in_chunks(self.model, x), y))

    def train_loss(self, batches: Batches | None = None) -> float:
        """Raw loss on all training samples, streamed where they only come as a stream."""
        if batches is None or self.data.batches is None:
            prediction = predict_in_chunks(self.model, self.data.x)
            return self.loss.measure(prediction, self.data.y, self.data.weights)
        total, samples = 0.0, 0
        for x, y, _ in batches():
            total += len(x) * self.loss.measure(predict_in_chunks(self.model, x), y)
            samples += len(x)
        return total / samples

    @torch.no_grad()
    def _metrics(self, prefix: str, prediction: Tensor, target: Tensor) -> dict[str, float]:
        return {f"{prefix}{name}": float(metric(prediction, target)) for name, metric in self.metrics.items()}
