"""Hyperbolic knots with their geometric and topological invariants.

Source: the census of knots by Hoste, Thistlethwaite and Weeks ("The first 1,701,936 knots", 1998) as SnapPy has it
(Culler, Dunfield, Goerner and Weeks, version 3.3.2: `HTLinkExteriors`), with the invariants computed by SnapPy, the
signature from Seifert matrices by Spherogram, and genus and fibredness by `knot_floer_homology`. The numbers are
mathematical facts; the table was computed for this package and is under its licence. The question that goes with it is
that of Davies et al. 2021, "Advancing mathematics by guiding human intuition with AI".
"""

from __future__ import annotations

import csv
import gzip
from functools import lru_cache
from pathlib import Path

import numpy as np

from .table import Table

_FILE = Path(__file__).with_name("knots.csv.gz")
_TEXT = ("name", "symmetry")
_WHOLE = ("crossings", "alternating", "amphicheiral", "signature", "genus", "fibered")
_SOURCE = (
    "Computed with SnapPy 3.3.2 (volume, Chern-Simons, cusp, symmetry group), Spherogram (signature) and "
    "knot_floer_homology (genus, fibered), from the census of Hoste, Thistlethwaite and Weeks 1998."
)


@lru_cache(maxsize=1)
def knots() -> Table:
    """All hyperbolic knots of at most 13 crossings but one: 12,954 rows; of a knot and its mirror image one is there.

    Geometric invariants, of the hyperbolic metric on the complement: `volume`, `chern_simons`, `longitude` (length of
    the longitudinal translation of the maximal cusp), `meridian_real` and `meridian_imag` (the meridional one, along and
    across it), `cusp_volume`, and `symmetry` (the symmetry group; "1" is the trivial one). Topological ones: `name`
    (SnapPy's), `crossings`, `alternating`, `amphicheiral`, `signature`, `genus`, `fibered`. Signs are such that a positive
    slope, longitude over meridian, goes with a positive signature. Numbers have 8 digits.

    The mirror image of a knot has the same invariants, but for `chern_simons`, `meridian_real` and `signature`, which
    change their sign.

    Returns:
        The table, with its source and licence.

    Example:
        >>> table = knots()
        >>> table.rows, int(table["signature"].min()), int(table["signature"].max())
        (12954, -10, 8)
    """
    with gzip.open(_FILE, "rt", encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    columns = {}
    for name, values in zip(head, zip(*rows, strict=True), strict=True):
        kind = str if name in _TEXT else np.int64 if name in _WHOLE else np.float64
        columns[name] = np.array(values, dtype=kind)
        columns[name].flags.writeable = False
    return Table("knots", columns, _SOURCE, "MIT")
