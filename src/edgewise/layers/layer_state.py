"""What a layer is beside its numbers, as a tensor that travels in its state dict."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from .._json import json_text
from ..errors import FileError, InputError

_VERSION = 1
_STEP = 256


def pack_settings(settings: Mapping[str, Any]) -> Tensor:
    """Write plain settings as JSON into a uint8 tensor, filled up with blanks so that most have one length.

    Example:
        >>> len(pack_settings({"base": "silu"}))
        256
    """
    text = json_text({"version": _VERSION, **settings}, ascii_only=True).encode()
    text += b" " * (-len(text) % _STEP)
    return torch.frombuffer(bytearray(text), dtype=torch.uint8)


def check_settings(state: Tensor, settings: Mapping[str, Any], what: str) -> None:
    """Refuse a state of other settings than the module that is to take it.

    Args:
        state: What `pack_settings` gave. Averages of several states will do: they are rounded.
        settings: Those of the module.
        what: The kind of module, for the message.

    Raises:
        InputError: a setting differs.
        FileError: the state cannot be read, or is of a newer version.

    Example:
        >>> check_settings(pack_settings({"base": "silu"}), {"base": "silu"}, "KANLayer")
    """
    if isinstance(state, Tensor) and state.is_meta:
        return
    try:
        saved = json.loads(bytes(round(value) for value in state.tolist()))
        version = saved.pop("version")
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise FileError(
            f"load_state_dict: the state of a {what} must be its own JSON; got {error!r}. "
            f"Load a state dict that edgewise saved."
        ) from error
    if version != _VERSION:
        raise FileError(
            f"load_state_dict: the version of a {what}'s state must be {_VERSION}; got {version!r}. "
            f"Load it with the edgewise that saved it."
        )
    for name, value in settings.items():
        if name in saved and saved[name] != value:
            raise InputError(
                f"load_state_dict: {name} of the {what} must be {saved[name]!r}, as the state has it; got {value!r}. "
                f"Build the model with {name}={saved[name]!r}."
            )
