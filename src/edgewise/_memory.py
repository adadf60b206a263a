"""How much memory there is, and a clear refusal of what would not fit into it."""

from __future__ import annotations

import os
from pathlib import Path

from .errors import InputError

_SMALL = 2**26
"""Requests below are granted without looking."""

_CGROUPS = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current", "/sys/fs/cgroup/memory.stat"),
    (
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        "/sys/fs/cgroup/memory/memory.usage_in_bytes",
        "/sys/fs/cgroup/memory/memory.stat",
    ),
)


def available_memory() -> int | None:
    """Bytes that this process can still have, by the system and by the limits of its container.

    Returns:
        None where the system does not say.

    Example:
        >>> (available_memory() or 1) > 0
        True
    """
    found = [
        bound for bound in (_of_system(), *(_of_cgroup(*files) for files in _CGROUPS)) if bound is not None
    ]
    return min(found) if found else None


def refuse_beyond_memory(where: str, needed: int, what: str) -> None:
    """Raise `InputError` if something needs more memory than there is.

    Args:
        where: The function that asks, for the error.
        needed: Bytes.
        what: What needs them.

    Example:
        >>> refuse_beyond_memory("KAN", 1000, "the parameters")
    """
    if needed < _SMALL:
        return
    available = available_memory()
    if available is not None and needed > available:
        raise InputError(
            f"{where}: {what} must fit into memory; it needs about {needed / 2**30:,.1f} GiB, and "
            f"{available / 2**30:,.1f} GiB are free. Make it smaller, or use a machine with more memory."
        )


def _of_system() -> int | None:
    try:
        for line in Path("/proc/meminfo").read_text("utf-8").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def _of_cgroup(limit: str, used: str, statistics: str) -> int | None:
    try:
        most = int(Path(limit).read_text("utf-8"))
        if most >= 2**60:
            return None
        # Pages of files that nobody holds are given back when memory is asked for.
        parts = dict(line.split() for line in Path(statistics).read_text("utf-8").splitlines())
        held = int(Path(used).read_text("utf-8")) - int(parts.get("inactive_file", 0))
        return max(most - held, 0)
    except (OSError, ValueError):  # no limit, or none of this kind
        return None
