"""How much worse than its splines a formula may be: no more than the noise of the data excuses."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor

from ...network import Network
from .network_views import count_constants
from .verdict.fresh_points import points_beyond, points_combined

_DEVIATIONS = 3.0  # of a statistic from its mean that chance is granted
_WITHOUT_TARGETS = (
    1e-4  # share of variance that formulas may leave of a network where nothing tells its own error
)
_ROUNDING = 1e-13  # of the targets' size
_MOST_ROWS = 50_000


@dataclass(frozen=True)
class Sample:
    """Samples to judge on: inputs (n, columns) and targets (n, outputs), in float64."""

    x: Tensor
    y: Tensor

    def some(self) -> Sample:
        """At most 50,000 of them, drawn at random, with the ends of each column; itself if there are no more."""
        if len(self.x) <= _MOST_ROWS:
            return self
        drawn = torch.randperm(len(self.x), generator=torch.Generator().manual_seed(0))[:_MOST_ROWS]
        rows = torch.cat([drawn, self.x.argmin(0), self.x.argmax(0)]).unique().to(self.x.device)
        return Sample(self.x[rows], self.y[rows])


@dataclass(frozen=True)
class Bar:
    """What a network with formulas must reach.

    Attributes:
        splines: The network as it was.
        train: The samples that constants are fitted to.
        test: Samples held out, if there are any.
        noise: Noise level of each output (outputs,).
        allowed: Share of the outputs' variance that formulas may leave beyond what splines do, and nothing else
            asked; None for the test below.
    """

    splines: Network
    train: Sample
    test: Sample | None
    noise: Tensor
    allowed: float | None
    targets: bool

    @cached_property
    def combined(self) -> Tensor:
        """Points that combine values of the columns from different samples."""
        return points_combined(self.train.x, self.splines.columns)

    @cached_property
    def beyond(self) -> Tensor:
        """Points a little beyond the samples."""
        return points_beyond(self.train.x, self.splines.columns)

    def on_some(self) -> Bar:
        """The bar on some of the samples, for trials; itself if there are few."""
        train, test = self.train.some(), None if self.test is None else self.test.some()
        return self if train is self.train and test is self.test else replace(self, train=train, test=test)

    def passes(self, model: Network) -> bool:
        """Whether a network is no worse than the splines by more than the noise excuses.

        On the samples that it is fitted to, a formula that is true leaves more than splines by noise^2 / n for every
        constant that it has less than they, give or take what chance does; and never more than the noise. On
        held-out samples, the mean of the differences of the squared errors must not be above 0 by more than
        three of its standard errors.
        """
        if self.allowed is not None:
            return self.unexplained(model) <= self.unexplained(self.splines) + self.allowed
        before, after = (squared_errors(one, self.train) for one in (self.splines, model))
        return bool((after.mean(0) <= self._limit(before.mean(0), model)).all()) and self.holds(model)

    def holds(self, model: Network) -> bool:
        """Whether it is no worse than the splines on the held-out samples, as far as these can tell."""
        if self.test is None:
            return True
        gap = squared_errors(model, self.test) - squared_errors(self.splines, self.test)
        chance = _DEVIATIONS * gap.std(0, correction=0) / math.sqrt(len(gap))
        return bool((gap.mean(0) <= chance + self._rounding()).all())

    def unexplained(self, model: Network) -> float:
        """Mean over the outputs of squared error over variance of the training targets; inf where not finite."""
        variance = self.train.y.var(0, correction=0)
        share = squared_errors(model, self.train).mean(0) / torch.where(variance > 0, variance, 1.0)
        return float(share.mean().nan_to_num(nan=torch.inf))

    @property
    def reachable(self) -> float:
        """About what share of the variance a network that passes leaves: as splines, and the noise."""
        variance = self.train.y.var(0, correction=0)
        noise = self.noise.square() / torch.where(variance > 0, variance, 1.0)
        unknown = 0.0 if self.targets else _WITHOUT_TARGETS
        return self.unexplained(self.splines) + float(noise.mean()) + (self.allowed or unknown)

    def _limit(self, before: Tensor, model: Network) -> Tensor:
        """Largest mean square error on the training samples (outputs,), from that of the splines."""
        samples, total = len(self.train.y), count_constants(self.splines)
        fewer = min(max(0, total - count_constants(model)), samples)
        share = min(total / samples, 0.5)
        square = self.noise.square()
        excused = before + square * _largest_chi_square(fewer) / samples
        level = (before / (1 - share)).maximum(square).minimum(1.25 * square)
        noisy = level * (1 + _DEVIATIONS * math.sqrt(2 / samples))
        unknown = 0.0 if self.targets else _WITHOUT_TARGETS * self.train.y.var(0, correction=0)
        return torch.maximum(before, torch.minimum(excused, noisy)) + unknown + self._rounding()

    def _rounding(self) -> Tensor:
        return (_ROUNDING * self.train.y.abs().amax(0)).square()


def squared_errors(model: Network, sample: Sample) -> Tensor:
    """Squared errors (n, outputs)."""
    with torch.no_grad():
        return (model(sample.x) - sample.y).square()


def _largest_chi_square(freedom: int) -> float:
    """What a sum of so many squared standard normal numbers is above in one of a thousand cases.

    Source: Wilson and Hilferty (1931).
    """
    spread = 2 / (9 * freedom) if freedom else 0.0
    return freedom * (1 - spread + _DEVIATIONS * math.sqrt(spread)) ** 3
