"""What a formula is judged by: points, and what the targets, the model and the network it replaced give there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ....errors import EdgewiseError
from ....network import Network
from ..network_views import count_constants, float64_copy, reachable_edges
from ..noise import estimate_noise, given_noise
from ..singularities import Singularity, kept_out, pole_among, singularities, singularity
from .fresh_points import points_between, points_beyond, points_combined, points_within_steps, some_rows
from .resolution import too_few_values, turns_between_samples
from .samples import FormulaSamples
from .smoothness import nearest_pairs

Array = np.ndarray[Any, np.dtype[np.float64]]
NUDGE = 1e-6
"""Relative change of the inputs, from which follows how much of their rounding reaches the outputs."""


@dataclass(frozen=True)
class Evidence:
    """Points and values, all in float64.

    Attributes:
        samples: What was measured.
        points: All points (points, input columns): samples, held-out samples, samples nudged by rounding,
            points between neighbours, within steps of a column, beyond, and combined of several samples.
        parts: How many of each there are.
        model: Outputs of the model as it is now (points, outputs).
        reference: Outputs of the network that was replaced, or of the model where nothing was; NaN where it
            refuses a point.
        network: That network.
        current: The model as it is now.
        eps: Rounding of the coarsest type of the data and the model.
        given_noise: Noise of each output (outputs,), as far as it is known; None for an estimate.
        replaced: Whether a network was replaced.
    """

    samples: FormulaSamples
    points: Tensor
    parts: tuple[int, ...]
    model: Array
    reference: Array
    network: Network
    current: Network
    eps: float
    given_noise: Array | None
    replaced: bool

    @classmethod
    def of(
        cls, model: Network, samples: FormulaSamples, noise: Any = None, precision: torch.dtype | None = None
    ) -> Evidence:
        """Gather what there is.

        Args:
            model: A float64 network on the CPU.
            samples: What was measured.
            noise: Standard deviation of the targets' noise: a number, one an output, or None.
            precision: The data type the model had.
        """
        x, columns = samples.x, model.columns
        nudged = some_rows(x)
        signs = 1 - 2 * (torch.arange(nudged.numel()).reshape(nudged.shape) % 2)
        held = x[:0] if samples.test_x is None else samples.test_x
        blocks = [
            x,
            held,
            nudged * (1 + NUDGE * signs),
            points_between(x, columns),
            points_within_steps(x, columns),
            points_beyond(x, columns),
            points_combined(x, columns),
        ]
        points = torch.cat(blocks)
        replaced = model.replaced
        network = model if replaced is None else float64_copy(replaced)
        own = _outputs(model, points)
        types = [samples.precision, precision or torch.float64]
        return cls(
            samples,
            points,
            tuple(map(len, blocks)),
            own,
            own if replaced is None else _outputs(network, points),
            network,
            model,
            max(torch.finfo(kind).eps for kind in types),
            None if noise is None else given_noise(noise, own.shape[1], "formula").numpy(),
            replaced is not None,
        )

    def split(self, values: Array) -> list[Array]:
        """Values at all points by parts: samples, held-out, nudged, between, within steps, beyond, combined."""
        return np.split(values, np.cumsum(self.parts)[:-1])

    @cached_property
    def targets(self) -> list[Array] | None:
        """Targets of the samples and of those held out; None where there are none."""
        y, test = self.samples.y, self.samples.test_y
        if y is None:
            return None
        return [y.numpy(), y[:0].numpy() if test is None else test.numpy()]

    @cached_property
    def noise(self) -> Array | None:
        """Noise of each output (outputs,), as given or estimated; None where there are no targets."""
        samples = self.samples
        if self.given_noise is not None or samples.y is None:
            return self.given_noise
        return estimate_noise(self.network, samples.x, samples.y, samples.test_x, samples.test_y).numpy()

    @cached_property
    def combined(self) -> Singularity | None:
        """A function that is not defined where values of different samples are combined, though on every sample."""
        found = singularities(self.current, self._seen, self._part(6)) if self.parts[6] else ()
        return next((one for one in found if not self.keep_out(len(one.rows))), None)

    @cached_property
    def beyond(self) -> Singularity | None:
        """A function that ends, or has a pole, a little beyond the samples."""
        return singularity(self.current, self._seen, self._part(5))

    @cached_property
    def pole(self) -> str | None:
        """A function with a pole between the samples."""
        return pole_among(self.current, self._seen)

    def keep_out(self, bad: int) -> bool:
        """Whether the samples keep out of a region that so many of the combined points fall into."""
        return kept_out(bad, self.parts[6], self.parts[0] + self.parts[1])

    def _part(self, place: int) -> Tensor:
        return self.points.split(list(self.parts))[place]

    @cached_property
    def turns(self) -> str | None:
        """A function that turns between neighbouring samples."""
        return turns_between_samples(self.current, self._seen)

    @cached_property
    def too_few(self) -> str | None:
        """Where there are not clearly more samples than constants."""
        return too_few_values(self.current, self._seen)

    @cached_property
    def pairs(self) -> Tensor:
        """Pairs of samples that are neighbours."""
        return nearest_pairs(self.samples.x[:, self.current.columns])

    def apart(self, output: int) -> float:
        """How different an output is between neighbours, as a share of how different between any two samples."""
        values = self.reference[: self.parts[0], output]
        variance = float(values.var())
        if not len(self.pairs) or not variance > 0:
            return 0.0
        first, second = values[self.pairs.numpy()].T
        return float(np.square(first - second).mean()) / (2 * variance)

    @cached_property
    def constants(self) -> tuple[int, int]:
        """Numbers that samples determine, of the model and of the network that was replaced."""
        return count_constants(self.current), count_constants(self.network)

    @cached_property
    def curves(self) -> int:
        """Edges that lead to an output and are no formulas."""
        model = self.current
        return sum(model.edge_kind(*edge) != "formula" for edge in reachable_edges(model))

    @property
    def _seen(self) -> Tensor:
        return self.points[: self.parts[0] + self.parts[1]]


@torch.no_grad()
def _outputs(model: Network, points: Tensor) -> Array:
    try:
        return model(points).numpy()
    except EdgewiseError:
        # Splines that end with an error say nothing outside their grid.
        rows = [_one(model, point) for point in points]
        return torch.stack(rows).numpy()


def _one(model: Network, point: Tensor) -> Tensor:
    try:
        return model(point[None])[0]
    except EdgewiseError:
        return torch.full((model.layers[-1].out_features,), torch.nan, dtype=torch.float64)
