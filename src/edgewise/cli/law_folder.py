"""The folder of a discovery: its files, and the search that is kept until it has ended."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..errors import FileError
from .outputs import FORMULA_FILES, refuse_existing

SEARCH_FILE = "search.jsonl"


def folders_of(folder: Path, targets: Sequence[str]) -> dict[str, Path]:
    """Where the law of each target goes: of one into the folder, of several each into a folder in it.

    Args:
        folder: Of the discovery.
        targets: Columns.

    Example:
        >>> {name: path.as_posix() for name, path in folders_of(Path("out"), ["v (m/s)", "v [m/s]"]).items()}
        {'v (m/s)': 'out/v_m_s', 'v [m/s]': 'out/v_m_s_2'}
    """
    if len(targets) == 1:
        return {targets[0]: folder}
    found: dict[str, Path] = {}
    for target in targets:
        name = re.sub(r"\W+", "_", target).strip("_") or "law"
        taken = {path.name.lower() for path in found.values()}
        number = next(n for n in range(1, len(targets) + 2) if _numbered(name, n).lower() not in taken)
        found[target] = folder / _numbered(name, number)
    return found


def goes_on(folder: Path, targets: Sequence[str], *, resume: bool, force: bool) -> bool:
    """Whether a search that is kept in a folder goes on; nothing else in it is overwritten unless that is asked for.

    Args:
        folder: Of the discovery.
        targets: Columns.
        resume: Whether to go on.
        force: Whether existing files may be replaced.

    Raises:
        FileError: there are files, and neither was asked for.
    """
    kept = _kept(folder)
    if kept and not resume and not force:
        raise FileError(
            f"discover: the folder must not hold a search that was ended early; got {kept[0]}. Say --resume to go on with "
            f"it, --force to start anew, or give another folder by --out."
        )
    files = [path / name for path in folders_of(folder, targets).values() for name in FORMULA_FILES]
    refuse_existing("discover", files, force or bool(kept))
    return resume and bool(kept)


def _kept(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"{SEARCH_FILE}*"))


@contextmanager
def kept_search(folder: Path, go_on: bool) -> Iterator[Path]:
    """The file that keeps a search while it runs.

    Args:
        folder: Is made if it is not there, and goes again if nothing comes of it.
        go_on: Whether a search that is kept there goes on.
    """
    if not go_on:
        forget_search(folder)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield folder / SEARCH_FILE
    finally:
        if not any(folder.iterdir()):
            folder.rmdir()


def forget_search(folder: Path) -> None:
    """Delete what is kept of a search.

    Args:
        folder: Of the discovery.
    """
    for path in _kept(folder):
        path.unlink()


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name}_{number}"
