"""The highest peak is the frequency and phase of the sine."""

import pytest
import torch

from edgewise.explain.symbolic.edge_search.periodogram import sine_starts


@pytest.mark.parametrize("frequency", [0.7, 5.0, 90.0, 400.0])
def test_frequency_and_phase(frequency):
    generator = torch.Generator().manual_seed(0)
    u = (2 * torch.rand(1, 1000, generator=generator, dtype=torch.float64) - 1).sort(1).values
    found = sine_starts(u, torch.sin(frequency * u + 0.4), 3)
    assert found.shape == (1, 3, 2)
    assert float(found[0, 0, 0]) == pytest.approx(frequency, abs=0.3)
    assert float(found[0, 0, 1]) == pytest.approx(0.4, abs=0.3)
