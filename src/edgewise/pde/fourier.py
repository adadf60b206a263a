"""Reference solutions of u_t = diffusion u_xx + reaction(u), periodic in x: Fourier series, exponential steps.

Nothing here knows of networks: what networks find is measured against it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from .domain import Box
from .fields import Points

Pointwise = Callable[[np.ndarray], np.ndarray]

_KEPT = 500
_NEAR = 6


class PeriodicReference:
    """A solution as a function of the points; it is computed when it is first asked for.

    Args:
        domain: With sides x, the period, and t.
        start: Values at the first time, a function of x.
        diffusion: Factor of u_xx.
        reaction: The rest of u_t, a function of u.
        modes: Points to the period, even.
        steps: Steps of time, a multiple of 500.

    Source: Kassam and Trefethen 2005, "Fourth-order time-stepping for stiff PDEs" (ETDRK4).

    Example:
        >>> import math
        >>> decay = PeriodicReference(
        ...     Box(x=(-1, 1), t=(0, 1)), lambda x: np.cos(np.pi * x), 0.1, lambda u: 0 * u, modes=32, steps=500
        ... )
        >>> at = Points(torch.tensor([[0.0, 1.0]], dtype=torch.float64), ("x", "t"))
        >>> abs(float(decay(at)) - math.exp(-0.1 * math.pi**2)) < 1e-7
        True
    """

    def __init__(
        self,
        domain: Box,
        start: Pointwise,
        diffusion: float,
        reaction: Pointwise,
        *,
        modes: int = 2048,
        steps: int = 2000,
    ) -> None:
        self._domain, self._start, self._diffusion, self._reaction = domain, start, diffusion, reaction
        self._modes, self._steps = modes, steps
        column = domain.column("x"), domain.column("t")
        self._low = [float(domain.low[at]) for at in column]
        self._span = [float(domain.high[at] - domain.low[at]) for at in column]

    def __call__(self, at: Points) -> Tensor:
        """Values by local polynomials of degree 5 through the stored ones."""
        x = (at.x.numpy() - self._low[0]) / self._span[0] * self._modes
        t = (at.t.numpy() - self._low[1]) / self._span[1] * _KEPT
        columns, weights_x = _nearby(x, None)
        rows, weights_t = _nearby(t, _KEPT)
        values = self._values[rows[:, :, None], (columns % self._modes)[:, None, :]]
        return torch.from_numpy(np.einsum("bt,bx,btx->b", weights_t, weights_x, values))

    @cached_property
    def _values(self) -> np.ndarray:
        """Shape (kept times, modes)."""
        x = self._low[0] + self._span[0] * np.arange(self._modes) / self._modes
        wave = 2 * np.pi / self._span[0] * np.arange(self._modes // 2 + 1)
        step = self._span[1] / self._steps
        advance = _exponential_steps(-self._diffusion * wave**2, self._reaction, step)
        spectrum = np.fft.rfft(self._start(x))
        kept = [np.fft.irfft(spectrum)]
        for number in range(1, self._steps + 1):
            spectrum = advance(spectrum)
            if number % (self._steps // _KEPT) == 0:
                kept.append(np.fft.irfft(spectrum))
        return np.stack(kept)


def _exponential_steps(linear: np.ndarray, reaction: Pointwise, step: float) -> Pointwise:
    """One step of time of a spectrum. The factors are means over a circle, where no digits cancel."""
    circle = step * linear[:, None] + np.exp(1j * np.pi * (np.arange(32) + 0.5) / 32)
    power = np.exp(circle)

    def mean(values: np.ndarray) -> np.ndarray:
        return step * values.mean(1).real

    half, full = np.exp(step * linear / 2), np.exp(step * linear)
    middle = mean((np.exp(circle / 2) - 1) / circle)
    first = mean((-4 - circle + power * (4 - 3 * circle + circle**2)) / circle**3)
    second = 2 * mean((2 + circle + power * (circle - 2)) / circle**3)
    third = mean((-4 - 3 * circle - circle**2 + power * (4 - circle)) / circle**3)

    def react(spectrum: np.ndarray) -> np.ndarray:
        return np.fft.rfft(reaction(np.fft.irfft(spectrum)))

    def advance(v: np.ndarray) -> np.ndarray:
        now = react(v)
        a = half * v + middle * now
        at_a = react(a)
        at_b = react(half * v + middle * at_a)
        at_c = react(half * a + middle * (2 * at_b - now))
        return full * v + first * now + second * (at_a + at_b) + third * at_c

    return advance


def _nearby(place: np.ndarray, last: int | None) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of the six nodes about each place, and Lagrange's weights, both (batch, 6)."""
    begin = np.floor(place).astype(int) - _NEAR // 2 + 1
    if last is not None:
        begin = begin.clip(0, last - _NEAR + 1)
    nodes = np.arange(_NEAR)
    distance = (place - begin)[:, None] - nodes
    weights = np.ones_like(distance)
    for node in nodes:
        for other in nodes[nodes != node]:
            weights[:, node] *= distance[:, other] / (node - other)
    return begin[:, None] + nodes, weights
