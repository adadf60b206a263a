"""Who takes part: us, the MLPs and other spline KANs, each made for one size."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable

import torch

from edgewise import KAN

from .contestant import Contestant, of_torch, trained_parameters
from .dense import dense_kan
from .mlp import mlp, widened
from .sizes import FLAT_GRIDS, FLAT_SIZE, Size

OURS, EQUAL_MLP, SHAPE_MLP = "edgewise", "mlp", "mlp-shape"
KANS = ("dense", "inkan", "inkan-compiled", "jaxkan")
"""Spline KANs that are fast; pykan is not among those a speed is to be measured by."""

PYKAN_EDGES = 5_000_000
"""Edges times samples beyond which pykan takes part of a second for a pass, and gigabytes."""


def edgewise(size: Size) -> Contestant:
    """Us, as a user has us."""
    return of_torch(OURS, _kan(size), size)


def equal_mlp(size: Size) -> Contestant:
    """The MLP with as many layers and at least as many parameters as the KAN."""
    width = widened(size.width, trained_parameters(_kan(size)))
    return of_torch(EQUAL_MLP, mlp(width).to(_dtype(size)), size)


def shape_mlp(size: Size) -> Contestant:
    """The MLP of the KAN's own width."""
    return of_torch(SHAPE_MLP, mlp(size.width).to(_dtype(size)), size)


def dense(size: Size) -> Contestant:
    """The dense form in eager torch."""
    return of_torch("dense", dense_kan(size.width, size.grid), size)


def inkan(size: Size) -> Contestant:
    """inKAN in eager torch."""
    return of_torch("inkan", _inkan(size, "local"), size)


def inkan_compiled(size: Size) -> Contestant:
    """inKAN, the whole network compiled."""
    torch.compiler.reset()  # or the code of the size before would count against the limit of recompiling
    # the faster of its two ways, on the processors we have seen; eager, its default is the faster one
    model = _inkan(size, "dense" if size.grid < 10 else "local")
    return of_torch("inkan-compiled", model, size, torch.compile(model, dynamic=False))


def jaxkan(size: Size) -> Contestant:
    """jaxKAN on XLA."""
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    from .jaxkan_side import build  # here only: it is optional, and takes seconds to import

    return build(size)


def pykan(size: Size) -> Contestant:
    """pykan with its symbolic half off."""
    from kan import MultKAN  # here only: it is optional

    model = MultKAN(width=list(size.width), grid=size.grid, k=3, seed=0, auto_save=False).speed()
    return of_torch("pykan", model, size)


PEERS: dict[str, tuple[Callable[[Size], Contestant], ...]] = {
    "mlp": (equal_mlp, shape_mlp),
    "dense": (dense,),
    "inkan": (inkan, inkan_compiled),
    "jaxkan": (jaxkan,),
    "pykan": (pykan,),
}
"""What `--peers` names."""

PACKAGES = {"inkan": "inkan", "jaxkan": "jaxkan", "pykan": "kan"}


def missing(peers: list[str]) -> list[str]:
    """Those of the peers whose package is not installed."""
    return [peer for peer in peers if peer in PACKAGES and not importlib.util.find_spec(PACKAGES[peer])]


def contestants(size: Size, peers: list[str]) -> list[Contestant]:
    """Us and those of the peers that take part at a size."""
    builders: list[Callable[[Size], Contestant]] = [edgewise]
    for peer in peers:
        if size.dtype == "float64" and peer != "mlp":
            continue
        if peer == "pykan" and size.edges > PYKAN_EDGES:
            continue
        builders += PEERS[peer]
    return [_made(builder, size) for builder in builders]


def flatness_contestants(peers: list[str]) -> list[Contestant]:
    """Us, and the dense form, on one size with several grids."""
    made = []
    for grid in FLAT_GRIDS:
        size = Size(FLAT_SIZE.width, FLAT_SIZE.batch, grid)
        made.append(of_torch(f"{OURS}-g{grid}", _kan(size), size))
        if "dense" in peers:
            made.append(of_torch(f"dense-g{grid}", dense_kan(size.width, grid), size))
    return made


def _made(builder: Callable[[Size], Contestant], size: Size) -> Contestant:
    with torch.random.fork_rng(devices=[]):  # some seed torch as a whole
        torch.manual_seed(0)
        return builder(size)


def _kan(size: Size) -> KAN:
    return KAN(list(size.width), grid=size.grid, k=3, seed=0, dtype=_dtype(size))


def _inkan(size: Size, basis: str) -> torch.nn.Module:
    from inkan import KANNetwork  # here only: it is optional

    return KANNetwork(list(size.width), grid_size=size.grid, compile_basis=False, basis_mode=basis)


def _dtype(size: Size) -> torch.dtype:
    return getattr(torch, size.dtype)
