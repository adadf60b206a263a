"""`require`: an assertion that remains active under `python -O`, with an explanatory message."""

from __future__ import annotations

import torch
from torch import Tensor


def require(holds: bool | Tensor, message: str) -> None:
    """Raise `AssertionError` with `message` unless `holds`.

    Args:
        holds: What must be true; of a tensor, every element.
        message: What is wrong when it is not.

    Raises:
        AssertionError: it is not true.

    Example:
        >>> require(1 + 1 == 2, "arithmetic is broken")
    """
    if not (bool(holds.all()) if isinstance(holds, Tensor) else holds):
        raise AssertionError(message)


def require_close(got: Tensor, want: Tensor, tolerance: float, what: str) -> None:
    """Raise `AssertionError` unless two tensors have one shape and agree to a tolerance.

    Args:
        got: What came out.
        want: What should have.
        tolerance: Largest difference allowed, as a share of the largest value wanted (of 1 if that is less).
        what: Name of the quantity, for the message.

    Raises:
        AssertionError: shapes differ, a value is not finite, or the difference is larger.

    Example:
        >>> require_close(torch.tensor(1.0), torch.tensor(1.0 + 1e-7), 1e-6, "value")
    """
    require(got.shape == want.shape, f"{what}: shape must be {tuple(want.shape)}; got {tuple(got.shape)}")
    if not want.numel():
        return
    got, want = got.detach().to(torch.float64), want.detach().to(torch.float64)
    odd = got[~got.isfinite()]
    require(not len(odd), f"{what}: must be finite; got {odd[:1].tolist()}")
    allowed = tolerance * max(1.0, float(want.abs().max()))
    worst = float((got - want).abs().max())
    require(worst <= allowed, f"{what}: must agree within {allowed:.3g}; got a difference of {worst:.3g}")
