"""Ready problems: the equations that are used to compare solvers, with their exact solutions."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from .ansatz import dirichlet_ansatz
from .conditions import Observations, Periodic, dirichlet, neumann
from .domain import Box
from .equation import Equation
from .fields import Points
from .fourier import PeriodicReference

_PI = math.pi


def poisson(*, soft: bool = False) -> Equation:
    """Poisson's equation of the KAN paper: u = sin(pi x) sin(pi y^2) on [-1, 1]^2.

    Args:
        soft: Weighted boundary rows in place of exact boundary values.

    Source: Liu et al. 2024, arXiv:2404.19756, section 3.4.

    Example:
        >>> poisson().order
        2
    """

    def exact(at: Points) -> Tensor:
        return torch.sin(_PI * at.x) * torch.sin(_PI * at.y**2)

    def residual(u: object, at: Points) -> Tensor:
        source = 2 * _PI * torch.sin(_PI * at.x) * torch.cos(_PI * at.y**2)
        return u.laplacian - (source - _PI**2 * (1 + 4 * at.y**2) * exact(at))  # type: ignore[attr-defined]

    return _zero_on_square("Poisson, sin(pi x) sin(pi y^2)", residual, exact, soft)


def pykan_poisson(*, soft: bool = False) -> Equation:
    """Poisson's equation of pykan's example: u = sin(pi x) sin(pi y) on [-1, 1]^2.

    Example:
        >>> pykan_poisson().unknowns
        ('u',)
    """

    def exact(at: Points) -> Tensor:
        return torch.sin(_PI * at.x) * torch.sin(_PI * at.y)

    def residual(u: object, at: Points) -> Tensor:
        return u.laplacian + 2 * _PI**2 * exact(at)  # type: ignore[attr-defined]

    return _zero_on_square("Poisson, sin(pi x) sin(pi y)", residual, exact, soft)


def helmholtz(a: int = 1, b: int = 4, *, soft: bool = False) -> Equation:
    """Helmholtz' equation with wave number 1: u = sin(a pi x) sin(b pi y) on [-1, 1]^2.

    Example:
        >>> helmholtz().order
        2
    """

    def exact(at: Points) -> Tensor:
        return torch.sin(a * _PI * at.x) * torch.sin(b * _PI * at.y)

    def residual(u: object, at: Points) -> Tensor:
        source = (1 - (a**2 + b**2) * _PI**2) * exact(at)
        return u.laplacian + u.value - source  # type: ignore[attr-defined]

    return _zero_on_square(f"Helmholtz ({a}, {b})", residual, exact, soft)


def _zero_on_square(name: str, residual: object, exact: object, soft: bool) -> Equation:
    domain = Box(x=(-1, 1), y=(-1, 1))
    hard = {} if soft else {"u": dirichlet_ansatz(domain, 0.0)}
    conditions = [dirichlet(0.0)] if soft else []
    return Equation(domain, residual, conditions, hard=hard, exact=exact, name=name)  # type: ignore[arg-type]


def burgers(viscosity: float = 0.01 / _PI) -> Equation:
    """Burgers' equation from -sin(pi x), with a shock at x = 0 from t = 1 / pi on.

    The exact solution is Cole and Hopf's integral, by Gauss and Hermite's rule.

    Example:
        >>> burgers().domain
        Box(x=(-1, 1), t=(0, 1))
    """
    domain = Box(x=(-1, 1), t=(0, 1))

    def residual(u: object, at: Points) -> Tensor:
        return u.t + u.value * u.x - viscosity * u.xx  # type: ignore[attr-defined]

    def exact(at: Points) -> Tensor:
        return torch.from_numpy(_cole_hopf(at.x.numpy(), at.t.numpy(), viscosity))

    start = dirichlet_ansatz(domain, lambda at: -torch.sin(_PI * at.x))
    return Equation(domain, residual, hard={"u": start}, exact=exact, name=f"Burgers, nu = {viscosity:.3g}")


def _cole_hopf(x: np.ndarray, t: np.ndarray, viscosity: float) -> np.ndarray:
    places, weights = np.polynomial.hermite.hermgauss(128)
    shifted = x[:, None] - np.sqrt(4 * viscosity * t)[:, None] * places
    power = -np.cos(_PI * shifted) / (2 * _PI * viscosity)
    density = weights * np.exp(power - power.max(1, keepdims=True))
    return -(density * np.sin(_PI * shifted)).sum(1) / density.sum(1)


def allen_cahn(diffusion: float = 1e-4, reaction: float = 5.0) -> Equation:
    """Allen and Cahn's equation from x^2 cos(pi x), periodic in x.

    The start has a kink at the border, so differences of slopes count as those of the flux, D u_x. Errors
    are measured against Fourier series, computed when they are first asked for.

    Example:
        >>> len(allen_cahn().conditions)
        1
    """
    domain = Box(x=(-1, 1), t=(0, 1))

    def residual(u: object, at: Points) -> Tensor:
        value = u.value  # type: ignore[attr-defined]
        return u.t - diffusion * u.xx - reaction * (value - value**3)  # type: ignore[attr-defined]

    start = dirichlet_ansatz(domain, lambda at: at.x**2 * torch.cos(_PI * at.x), on="t.low")
    reference = PeriodicReference(
        domain, lambda x: x**2 * np.cos(_PI * x), diffusion, lambda u: reaction * (u - u**3)
    )
    return Equation(
        domain,
        residual,
        [Periodic("x", slope_weight=diffusion**2)],
        hard={"u": start},
        exact=reference,
        name="Allen-Cahn",
    )


def heat(diffusion: float = 0.1) -> Equation:
    """The heat equation from sin(pi x) on [0, 1], with cold ends.

    Example:
        >>> heat().order
        2
    """
    domain = Box(x=(0, 1), t=(0, 1))

    def exact(at: Points) -> Tensor:
        return torch.sin(_PI * at.x) * torch.exp(-diffusion * _PI**2 * at.t)

    start = dirichlet_ansatz(domain, lambda at: torch.sin(_PI * at.x))
    return Equation(
        domain,
        lambda u, at: u.t - diffusion * u.xx,
        hard={"u": start},
        exact=exact,
        name="heat",
    )


def wave(speed: float = 1.0) -> Equation:
    """The wave equation on [0, 1], a string plucked in two harmonics and let go.

    Example:
        >>> len(wave().conditions)
        1
    """
    domain = Box(x=(0, 1), t=(0, 1))

    def exact(at: Points) -> Tensor:
        first = torch.sin(_PI * at.x) * torch.cos(_PI * speed * at.t)
        return first + 0.5 * torch.sin(3 * _PI * at.x) * torch.cos(3 * _PI * speed * at.t)

    def plucked(at: Points) -> Tensor:
        return torch.sin(_PI * at.x) + 0.5 * torch.sin(3 * _PI * at.x)

    return Equation(
        domain,
        lambda u, at: u.tt - speed**2 * u.xx,
        [neumann("t", 0.0, on="t.low")],
        hard={"u": dirichlet_ansatz(domain, plucked)},
        exact=exact,
        name="wave",
    )


def kovasznay(reynolds: float = 20.0) -> Equation:
    """Kovasznay flow: the steady Navier-Stokes equations behind a grid, for u, v and p.

    Dirichlet conditions for the velocity on all sides, for the pressure on one.

    Source: Kovasznay 1948, "Laminar flow behind a two-dimensional grid".

    Example:
        >>> kovasznay().unknowns
        ('u', 'v', 'p')
    """
    domain = Box(x=(-0.5, 1.0), y=(-0.5, 0.5))
    rate = reynolds / 2 - math.sqrt(reynolds**2 / 4 + 4 * _PI**2)

    def exact_u(at: Points) -> Tensor:
        return 1 - torch.exp(rate * at.x) * torch.cos(2 * _PI * at.y)

    def exact_v(at: Points) -> Tensor:
        return rate / (2 * _PI) * torch.exp(rate * at.x) * torch.sin(2 * _PI * at.y)

    def exact_p(at: Points) -> Tensor:
        return 0.5 * (1 - torch.exp(2 * rate * at.x))

    def residual(u: object, v: object, p: object, at: Points) -> tuple[Tensor, ...]:
        along = u.value * u.x + v.value * u.y + p.x - u.laplacian / reynolds  # type: ignore[attr-defined]
        across = u.value * v.x + v.value * v.y + p.y - v.laplacian / reynolds  # type: ignore[attr-defined]
        return along, across, u.x + v.y  # type: ignore[attr-defined]

    return Equation(
        domain,
        residual,
        [
            dirichlet(exact_u, unknown=0),
            dirichlet(exact_v, unknown=1),
            dirichlet(exact_p, on="x.high", unknown=2),
        ],
        unknowns=("u", "v", "p"),
        exact={"u": exact_u, "v": exact_v, "p": exact_p},
        name="Kovasznay flow",
    )


def lotka_volterra(end: float = 6.0) -> Equation:
    """The Lotka-Volterra equations of predators and prey: a nonlinear system of ordinary equations.

    Example:
        >>> lotka_volterra().order
        1
    """
    domain = Box(t=(0, end))

    def residual(prey: object, predator: object, at: Points) -> tuple[Tensor, ...]:
        eaten = prey.value * predator.value  # type: ignore[attr-defined]
        return prey.t - prey.value + eaten, predator.t + predator.value - eaten  # type: ignore[attr-defined]

    hard = {
        "prey": dirichlet_ansatz(domain, 2.0, on="t.low"),
        "predator": dirichlet_ansatz(domain, 1.0, on="t.low"),
    }
    return Equation(domain, residual, unknowns=("prey", "predator"), hard=hard, name="Lotka-Volterra")


def unknown_diffusion(noise: float = 0.01, samples: int = 200, seed: int = 0, true: float = 0.1) -> Equation:
    """The heat equation whose coefficient is to be found from noisy measurements of its solution.

    Args:
        noise: Standard deviation of the measurements.
        samples: How many there are.
        seed: Of their places and errors.
        true: The coefficient they were made with.

    Example:
        >>> dict(unknown_diffusion().coefficients)
        {'diffusion': 1.0}
    """
    known = heat(true)
    places = known.domain.sample(samples, seed + 1)
    generator = torch.Generator().manual_seed(seed)
    errors = noise * torch.randn(samples, generator=generator, dtype=torch.float64)
    values = known.exact_by_name["u"](Points(places, known.domain.names)) + errors
    return Equation(
        known.domain,
        lambda u, at: u.t - at.diffusion * u.xx,
        [Observations(places, values)],
        hard=known.hard,
        coefficients={"diffusion": 1.0},
        exact=known.exact,
        name="heat, unknown diffusion",
    )
