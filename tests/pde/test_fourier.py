"""Against exact solutions: decay of a wave, growth by the reaction alone, and halved steps."""

import numpy as np
import torch

from edgewise.pde import Box, Points, problems
from edgewise.pde.fourier import PeriodicReference

DOMAIN = Box(x=(-1, 1), t=(0, 1))
AT = Points(DOMAIN.sample(50, seed=3), DOMAIN.names)


def test_a_wave_decays_by_diffusion():
    found = PeriodicReference(DOMAIN, lambda x: np.sin(np.pi * x), 0.1, lambda u: 0 * u, modes=64, steps=500)
    exact = torch.sin(torch.pi * AT.x) * torch.exp(-0.1 * torch.pi**2 * AT.t)
    assert (found(AT) - exact).abs().max() < 1e-8


def test_without_space_it_is_the_logistic_equation():
    found = PeriodicReference(
        DOMAIN, lambda x: 0.1 + 0 * x, 0.1, lambda u: 5 * u * (1 - u), modes=16, steps=500
    )
    assert (found(AT) - 1 / (1 + 9 * torch.exp(-5 * AT.t))).abs().max() < 1e-8


def test_halved_steps_change_nothing_for_a_smooth_start():
    def values(modes, steps):
        return PeriodicReference(
            DOMAIN, lambda x: np.cos(np.pi * x), 1e-2, lambda u: 5 * (u - u**3), modes=modes, steps=steps
        )(AT)

    # Between its 500 kept times and its points the solution is a polynomial of degree 5.
    assert (values(256, 500) - values(512, 1000)).abs().max() < 1e-5


def test_allen_cahn_starts_where_it_is_told():
    start = Points(torch.tensor([[0.5, 0.0], [-0.3, 0.0]], dtype=torch.float64), ("x", "t"))
    exact = problems.allen_cahn().exact_by_name["u"](start)
    assert (exact - start.x**2 * torch.cos(torch.pi * start.x)).abs().max() < 1e-8
