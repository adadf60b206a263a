"""Quasiperiodic chains with mobility edges: eigenstates of three Aubry-Andre models, and how far each one spreads.

An electron hops along a chain whose potential has a period that does not fit the chain's. Below an energy that depends
on the parameters its states reach everywhere, above it each stays at a few sites, or the other way round: the mobility
edge, of which a formula is known for each model.

Sources: Wang et al. 2020, "One-dimensional quasiperiodic mosaic lattice with exact mobility edges"; Ganeshan, Pixley and
Das Sarma 2015, "Nearest neighbor tight binding models with an exact mobility edge in one dimension" (generalised); Biddle
and Das Sarma 2010, "Predicted mobility edges in one-dimensional incommensurate optical lattices" (modified: hopping to
all sites). The states are computed here; the table is under this package's licence.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from ..errors import InputError, unknown_name
from .table import Table

Array = npt.NDArray[np.float64]

_FREQUENCY = (1 + math.sqrt(5)) / 2
_SOURCES = {
    "mosaic": "Wang et al. 2020, Phys. Rev. Lett. 125, 196604",
    "generalised": "Ganeshan, Pixley and Das Sarma 2015, Phys. Rev. Lett. 114, 146601",
    "modified": "Biddle and Das Sarma 2010, Phys. Rev. Lett. 104, 070601",
}


def aubry_andre(
    model: str, realisations: int = 40, sites: int = 610, *, period: int = 2, seed: int = 0
) -> Table:
    """Eigenstates of a quasiperiodic chain, for parameters drawn at random: energy, and how far each state spreads.

    The models, with cosines c_n = cos(2 pi n b + phase), b the golden ratio, and open ends:

    - "mosaic": hopping 1 to neighbours, potential 2 strength c_n at every `period`-th site and 0 elsewhere; strength is
      uniform in 0 to 5.
    - "generalised": hopping 1 to neighbours, potential 2 strength c_n / (1 - alpha c_n); strength in 0 to 2, alpha in
      -0.9 to 0.9.
    - "modified": hopping exp(-decay (distance - 1)) to all sites, potential strength c_n; strength in 0 to 5, decay in
      0.8 to 3.

    Args:
        model: One of these names.
        realisations: How many sets of parameters are drawn.
        sites: Length of the chain: the number of states of each set.
        period: Of the mosaic; the others have none.
        seed: The same seed gives the same table.

    Returns:
        A row for each state: `realisation` (its number), the parameters (`strength`; `alpha` or `decay`), `phase`,
        `energy`, `ipr` (inverse participation ratio: the sum of the fourth powers of the normalised amplitudes) and
        `fractal_dimension` (minus its logarithm over that of `sites`: near 1 for states that reach everywhere, near 0
        for those that do not).

    Raises:
        UnknownName: there is no such model.
        InputError: a number is too small.

    Example:
        >>> table = aubry_andre("generalised", realisations=2, sites=55)
        >>> table.rows, list(table)[:4]
        (110, ['realisation', 'strength', 'alpha', 'phase'])
    """
    if model not in _MODELS:
        raise unknown_name("aubry_andre", "model", model, list(_MODELS))
    if min(realisations, period) < 1 or sites < 2:
        raise InputError(
            f"aubry_andre: realisations and period must be positive, and sites at least 2; got {realisations}, "
            f"{period} and {sites}."
        )
    random = np.random.default_rng(seed)
    ranges, hamiltonian = _MODELS[model]
    parts: list[dict[str, Array]] = []
    for number in range(realisations):
        parameters = {name: random.uniform(*ends) for name, ends in ranges.items()}
        phase = random.uniform(0, 2 * math.pi)
        site = np.arange(1, sites + 1)
        cosines = np.cos(2 * math.pi * _FREQUENCY * site + phase)
        energies, states = np.linalg.eigh(hamiltonian(cosines, period, **parameters))
        ipr = (states**4).sum(0)
        known = {"realisation": float(number), **parameters, "phase": phase}
        part = {name: np.full(sites, value) for name, value in known.items()}
        dimension = -np.log(ipr) / math.log(sites)
        parts.append({**part, "energy": energies, "ipr": ipr, "fractal_dimension": dimension})
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    columns["realisation"] = columns["realisation"].astype(np.int64)
    return Table(
        f"{model} Aubry-Andre", columns, f"Diagonalised by edgewise; model: {_SOURCES[model]}", "MIT"
    )


def _neighbours(potential: Array) -> Array:
    hopping = np.ones(len(potential) - 1)
    return np.diag(potential) + np.diag(hopping, 1) + np.diag(hopping, -1)


def _mosaic(cosines: Array, period: int, strength: float) -> Array:
    potential = np.zeros(len(cosines))
    potential[period - 1 :: period] = 2 * strength * cosines[period - 1 :: period]
    return _neighbours(potential)


def _generalised(cosines: Array, period: int, strength: float, alpha: float) -> Array:
    return _neighbours(2 * strength * cosines / (1 - alpha * cosines))


def _modified(cosines: Array, period: int, strength: float, decay: float) -> Array:
    site = np.arange(len(cosines))
    matrix = np.exp(-decay * (np.abs(site[:, None] - site) - 1.0))
    np.fill_diagonal(matrix, strength * cosines)
    return matrix


_Ranges = Mapping[str, tuple[float, float]]
_MODELS: Mapping[str, tuple[_Ranges, Callable[..., Array]]] = {
    "mosaic": ({"strength": (0.0, 5.0)}, _mosaic),
    "generalised": ({"strength": (0.0, 2.0), "alpha": (-0.9, 0.9)}, _generalised),
    "modified": ({"strength": (0.0, 5.0), "decay": (0.8, 3.0)}, _modified),
}
