"""What a run of training is: settings, data and start, so that a checkpoint is never taken for another run's."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from ...errors import InputError
from ...network import Network, digest, model_header
from ..data.data import Data

_NO_SETTINGS = {"model", "data", "progress", "callback", "checkpoint"}


def run_fingerprint(model: nn.Module, data: Data, settings: Mapping[str, Any]) -> dict[str, str]:
    """Describe a run by words and fingerprints.

    Args:
        model: As it is before training.
        data: All samples, in memory.
        settings: Arguments of `fit`; functions count by their names.

    Example:
        >>> import torch
        >>> data = Data(torch.zeros(2, 1), torch.zeros(2, 1))
        >>> run_fingerprint(nn.Linear(1, 1), data, {"steps": 3})["steps"]
        '3'
    """
    state = {name: value for name, value in model.state_dict().items() if isinstance(value, Tensor)}
    trained = {"trained": [name for name, part in model.named_parameters() if part.requires_grad]}
    structure = model_header(model) if isinstance(model, Network) else {"type": type(model).__qualname__}
    samples = {field.name: getattr(data, field.name) for field in dataclasses.fields(data)}
    tensors = {name: value for name, value in samples.items() if isinstance(value, Tensor)}
    return {
        **{name: _described(value) for name, value in settings.items() if name not in _NO_SETTINGS},
        "data": digest(tensors, {}),
        "model": digest(state, {**structure, **trained}),
    }


def check_fingerprint(path: str, then: Any, now: Mapping[str, str]) -> None:
    """Refuse a checkpoint of another run, and say what differs.

    Args:
        path: Of the checkpoint.
        then: The identity it holds.
        now: That of this run.

    Raises:
        InputError: the two are not the same.

    Example:
        >>> check_fingerprint("run.ckpt", {"steps": "3"}, {"steps": "3"})
    """
    before = then if isinstance(then, dict) else {}
    changed = [name for name in now if before.get(name) != now[name]]
    if not changed and set(before) == set(now):
        return
    name = changed[0] if changed else "version"
    if name == "model":
        what = "another model, or one that has been trained since. Build it as it was before the run"
    elif name == "data":
        what = "other data. Pass the same samples"
    else:
        what = f"another {name}: {before.get(name)!s:.200} then, {now.get(name)!s:.200} now. Pass the same"
    raise InputError(
        f"fit: checkpoint {path!r} must be of the same run; got {what}, or another path, or delete the file."
    )


def _described(value: Any) -> str:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = {field.name: _described(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return f"{type(value).__name__}({', '.join(f'{name}={part}' for name, part in parts.items())})"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_described, value))}]"
    name = getattr(value, "__qualname__", None)
    # Where a thing lies in memory is no part of what it is.
    return re.sub(r" at 0x[0-9a-fA-F]+", "", repr(value) if name is None else str(name))
