"""`discover`: from data to formulas that can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .._checks import check_int, is_number
from .._tensors import to_tensor
from ..errors import InputError, ShapeError
from .conclusion import concluded
from .problem import Array
from .result import Discovery
from .search import Clock, Search
from .split import Split

_FEWEST = 10


def discover(
    x: Any,
    y: Any,
    *,
    names: Sequence[str] | None = None,
    noise: float | None = None,
    seconds: float = 60.0,
    networks: bool = True,
    test: float = 0.2,
    seed: int = 0,
) -> Discovery:
    """Look for the law behind data.

    A portfolio of searches under one judge, the cheap ones first: power laws; products of powers and of one or two
    functions; polynomials and quotients of polynomials in the columns, their roots, and waves of angles, for the targets
    as they are and for their inverse, square, root, logarithm, sine and cosine; and formulas read off sparse networks.
    Every proposal's constants are fitted together, set to exact numbers where the samples allow one, and judged by the
    bits of its description on samples that were held out. The search ends when a law is exact, all is searched, or the time is up.

    Args:
        x: Inputs (n, columns), at least 10 samples; an array, tensor or frame.
        y: Targets (n,) or (n, 1).
        names: Of the columns; those of a frame, or x_1, x_2, ..., if None.
        noise: Standard deviation of the targets' noise, in their units; 0 for none; None to estimate it.
        seconds: Time there is. What was found by then is given back, as it is after Ctrl-C.
        networks: Whether formulas are read off networks too.
        test: Share of the samples that are held out.
        seed: Of the split and the networks.

    Returns:
        The laws from simple to accurate, the one chosen, and why. `print` shows them.

    Raises:
        InputError: an argument is out of bounds, or data are not finite numbers.
        ShapeError: shapes do not fit.

    Example:
        >>> x = np.random.default_rng(0).uniform(1, 3, (200, 2))
        >>> found = discover(x, x[:, 0] / np.sqrt(1 - x[:, 1] ** 2 / 16), names=["m", "v"])
        >>> found.best.expression, found.best.verdict
        (4*m/sqrt(16 - v**2), 'exact')
    """
    inputs, targets, labels = _checked(x, y, names)
    if not is_number(seconds) or seconds <= 0 or not is_number(test) or not 0 < test < 1:
        raise InputError(
            f"discover: seconds must be above 0, and test between 0 and 1; got {seconds!r} and {test!r}."
        )
    if noise is not None and (not is_number(noise) or not 0 <= noise < np.inf):
        raise InputError(
            f"discover: noise must be a standard deviation, 0 or more; got {noise!r}. Leave it out."
        )
    check_int("seed", seed, 0, where="discover")
    order = np.random.default_rng(seed).permutation(len(targets))
    held = order[: max(2, round(test * len(order)))]
    train = order[len(held) :]
    spread = float(targets[train].std())
    samples = Split(inputs[train], targets[train], inputs[held], targets[held])
    if spread == 0:
        return concluded((), samples, stopped="all searched")
    share = None if noise is None else noise / spread
    clock = Clock(float(seconds))
    search = Search(samples.x, samples.y, samples.held_x, samples.held_y, labels, share, clock, int(seed))
    with np.errstate(all="ignore"):  # proposals that overflow are no laws
        try:
            stopped = search.run(networks)
        except KeyboardInterrupt:
            stopped = "interrupted"
        return concluded(
            search.laws.values(),
            samples,
            noise=search.share * spread,
            seconds=clock.used,
            stopped=stopped,
        )


def _checked(x: Any, y: Any, names: Sequence[str] | None) -> tuple[Array, Array, tuple[str, ...]]:
    inputs = to_tensor(x, "discover", "x").cpu().double().numpy()
    targets = to_tensor(y, "discover", "y").cpu().double().numpy()
    targets = targets[:, 0] if targets.ndim == 2 and targets.shape[1] == 1 else targets
    if inputs.ndim != 2 or targets.shape != (len(inputs),) or len(inputs) < _FEWEST or inputs.shape[1] == 0:
        raise ShapeError(
            f"discover: x must be (n, columns) and y (n,), n at least {_FEWEST}; got shapes {inputs.shape} and "
            f"{targets.shape}. For several outputs call discover for each."
        )
    if names is None:
        columns = getattr(x, "columns", None)
        names = (
            [f"x_{n + 1}" for n in range(inputs.shape[1])] if columns is None else [str(c) for c in columns]
        )
    if len(names) != inputs.shape[1] or len(set(names)) != len(names):
        raise InputError(
            f"discover: names must be different, one for each of {inputs.shape[1]} columns; got {list(names)}."
        )
    return inputs, targets, tuple(map(str, names))
