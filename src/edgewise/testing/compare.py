"""Compare modules: the bits of their state, and the functions they compute."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .require import require, require_close


def state_bits(module: nn.Module) -> dict[str, bytes]:
    """Everything a module holds, bit by bit: equal exactly when nothing changed.

    Args:
        module: Any module; not modified.

    Returns:
        Bytes by name: tensors of its state dict with dtype and shape, which parameters are trained, and
        whether the module is in training mode.

    Example:
        >>> layer = nn.Linear(2, 1)
        >>> before = state_bits(layer)
        >>> with torch.no_grad():
        ...     _ = layer.weight.add_(1)
        >>> [name for name, bits in state_bits(layer).items() if bits != before[name]]
        ['weight']
    """
    bits = {
        name: tensor_bits(value) for name, value in module.state_dict().items() if isinstance(value, Tensor)
    }
    trained = sorted(name for name, value in module.named_parameters() if value.requires_grad)
    bits["(trained)"] = repr(trained).encode()
    bits["(training mode)"] = repr([part.training for part in module.modules()]).encode()
    return bits


def tensor_bits(value: Tensor) -> bytes:
    """The bytes of a tensor, with its dtype and shape before them.

    Example:
        >>> tensor_bits(torch.zeros(1)) == tensor_bits(torch.zeros(1, dtype=torch.int32))
        False
    """
    flat = value.detach().cpu().contiguous().reshape(-1)
    return f"{value.dtype} {tuple(value.shape)} ".encode() + flat.view(torch.uint8).numpy().tobytes()


def check_same_function(a: nn.Module, b: nn.Module, x: Tensor, tol: float = 0.0) -> None:
    """Two modules give the same outputs.

    Args:
        a: The module to judge.
        b: The module it should agree with.
        x: Samples both take.
        tol: Largest difference, as a share of the largest output (of 1 if that is less); 0 asks for the
            same bits.

    Raises:
        AssertionError: an output differs by more, or in shape or dtype, or is not finite.

    Example:
        >>> from edgewise.network import build, refine
        >>> model = build([2, 3, 1], dtype=torch.float64)
        >>> check_same_function(refine(model, 6).model, model, torch.rand(9, 2, dtype=torch.float64), tol=1e-12)
    """
    with torch.no_grad():
        got, want = a(x), b(x)
    require(got.dtype == want.dtype, f"outputs: dtype must be {want.dtype}; got {got.dtype}")
    if tol == 0:
        require(tensor_bits(got) == tensor_bits(want), "outputs: must have the same bits; they differ")
    else:
        require_close(got, want, tol, "outputs")
