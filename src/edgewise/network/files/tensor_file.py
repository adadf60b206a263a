"""A file of tensors and JSON: safetensors, with the JSON and a checksum of everything in its header.

Reading executes no code. It needs no more memory than the size of the file plus a few times its header, which is
bounded.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from ..._atomic import replace_file
from ..._json import json_text, plain_values
from ..._memory import refuse_beyond_memory
from ...errors import FileError

_LONGEST_HEADER = 2**25


def write_container(
    target: Path,
    tensors: Mapping[str, Tensor],
    header: Mapping[str, Any],
    kind: str,
    *,
    draft: str | None = None,
) -> None:
    """Write tensors and JSON to one file, all at once or not at all.

    Args:
        target: File to write or replace.
        tensors: By name; copied to the CPU.
        header: What JSON can hold.
        kind: Whose file it is; `read_container` must ask for the same.
        draft: As for `replace_file`.
    """
    plain = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    header = plain_values(header)
    whole = {**header, "digest": digest(plain, header)}

    def content(path: Path) -> None:
        save_file(plain, path, metadata={kind: json_text(whole, ascii_only=True)})

    replace_file(target, content, draft=draft)


def read_container(
    path: str | os.PathLike[str], kind: str, *, newest: int, where: str, device: torch.device | str = "cpu"
) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read what `write_container` wrote.

    Args:
        path: The file.
        kind: Whose file it must be.
        newest: The last format that is known.
        where: The function that asks, for its errors.
        device: Device of the tensors.

    Raises:
        FileError: the file is missing, damaged, another program's or of a newer format.
    """
    name = str(path)
    if not Path(path).is_file():
        raise FileError(f"{where}: path must be a file; got {name!r}, which is none. Check the name.")
    refuse_beyond_memory(where, Path(path).stat().st_size, f"the file {name!r}")
    _check_header_length(name, kind, where)
    try:
        with safe_open(name, framework="pt", device=str(device)) as file:
            metadata = file.metadata() or {}
            if kind not in metadata:
                raise FileError(
                    f"{where}: {name!r} must be an {kind} file; it is another program's. Use its own loader."
                )
            header = json.loads(metadata[kind])
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    except FileError:
        raise
    except (SafetensorError, ValueError, RecursionError, OSError) as error:
        raise FileError(f"{where}: {name!r} must be a whole {kind} file; it is damaged ({error}).") from error
    _check_header(name, kind, header, newest, where)
    if header.get("digest") != digest(tensors, header):
        raise FileError(
            f"{where}: {name!r} must be a whole {kind} file; its contents do not match their checksum. "
            f"Get an undamaged copy."
        )
    return tensors, header


def digest(tensors: Mapping[str, Tensor], header: Mapping[str, Any]) -> str:
    """A fingerprint of tensors and JSON: one flipped bit changes it.

    Example:
        >>> digest({"x": torch.zeros(1)}, {}) == digest({"x": torch.ones(1)}, {})
        False
    """
    described = {name: value for name, value in header.items() if name != "digest"}
    found = hashlib.sha256(json.dumps(described, sort_keys=True).encode())
    for name, value in sorted(tensors.items()):
        found.update(f"{name} {value.dtype} {tuple(value.shape)}".encode())
        found.update(value.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return found.hexdigest()


def _check_header_length(name: str, kind: str, where: str) -> None:
    with Path(name).open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
    if length > _LONGEST_HEADER:
        raise FileError(
            f"{where}: {name!r} must be a whole {kind} file; it is damaged (its header would be {length} bytes)."
        )


def _check_header(name: str, kind: str, header: Any, newest: int, where: str) -> None:
    if not isinstance(header, dict) or type(header.get("format")) is not int:
        raise FileError(f"{where}: {name!r} must be a whole {kind} file; its header is damaged.")
    if header["format"] > newest:
        raise FileError(
            f"{where}: {name!r} must be of a format up to {newest}; got {header['format']}. Upgrade edgewise."
        )
