"""Files that are there whole or not at all, whatever happens to the program that writes them."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Callable
from pathlib import Path

from .errors import InputError


def target_of(where: str, path: str | os.PathLike[str]) -> Path:
    """Check that a file can be written at `path`.

    Args:
        where: The function that asks, for its errors.
        path: File to write.

    Raises:
        InputError: the folder does not exist, or the path is a folder.

    Example:
        >>> target_of("save", "model.safetensors").name
        'model.safetensors'
    """
    target = Path(path)
    if not target.parent.is_dir():
        raise InputError(
            f"{where}: the folder of path must exist; got {str(target)!r}. Create {target.parent} first."
        )
    if target.is_dir():
        raise InputError(f"{where}: path must name a file; got the folder {str(target)!r}. Add a file name.")
    return target


def replace_file(target: Path, content: Callable[[Path], None] | bytes, *, draft: str | None = None) -> None:
    """Write a draft beside the target, force it to the disk, and put it in the target's place in one move.

    Args:
        target: File to replace or make.
        content: The bytes, or what writes them to a path it is given.
        draft: Name of the draft, where one that was left by a killed program is to be used again; a new
            name each time if None.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "note"
        >>> replace_file(path, b"whole")
        >>> path.read_bytes()
        b'whole'
    """
    place = target.with_name(draft or f".{target.name}.{uuid.uuid4().hex}")
    try:
        place.unlink(missing_ok=True)
        place.touch()
        mode = place.stat().st_mode
        if isinstance(content, bytes):
            place.write_bytes(content)
        else:
            content(place)
        place.chmod(mode)  # some writers leave their files to the owner alone
        _to_disk(place)
        os.replace(place, target)
    finally:
        place.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # not every system lets a folder be opened
        _to_disk(target.parent)


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
