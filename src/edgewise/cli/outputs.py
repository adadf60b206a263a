"""Where results go, and that nothing which was there before is lost."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..errors import FileError

MODEL_FILES = ("model.safetensors", "model.json", "network.png", "report.html")
"""What a fit writes into its folder: the network, its summary, its picture, and all of it for people."""

FORMULA_FILES = ("formula.json", "formula.tex", "formula.py", "formula.c", "formula.png")
"""What a discovery writes: all of it as plain values, the law as LaTeX and as programs, its pictures."""

TABLE_SUFFIXES = frozenset(
    [
        ".csv",
        ".tsv",
        ".tab",
        ".txt",
        ".dat",
        ".parquet",
        ".pq",
        ".xlsx",
        ".xlsm",
        ".json",
        ".jsonl",
        ".ndjson",
        ".gz",
        ".bz2",
        ".xz",
        ".zip",
    ]
)


def default_folder(table: Path, what: str = "edgewise") -> Path:
    """The folder for what is learned from a table, beside it; tables of different names have different folders.

    Args:
        table: The file; "-" for standard input.
        what: What its name ends in.

    Example:
        >>> default_folder(Path("data/run.v1.csv.gz")).as_posix()
        'data/run.v1-edgewise'
    """
    name = "stdin" if str(table) == "-" else table.name
    while (suffix := Path(name).suffix.lower()) in TABLE_SUFFIXES:
        name = name[: -len(suffix)]
    return table.with_name(f"{name}-{what}")


def refuse_existing(command: str, files: Iterable[Path], force: bool) -> None:
    """Refuse to overwrite a file, unless that is asked for.

    Args:
        command: The one that is run.
        files: What it is about to write.
        force: Whether existing files may be replaced.

    Raises:
        FileError: one of the files exists.

    Example:
        >>> refuse_existing("export", [Path("no such file")], force=False)
    """
    there = [str(file) for file in files if file.exists()]
    if there and not force:
        raise FileError(
            f"{command}: what is written must not exist yet; got {', '.join(there)}. Give another name by --out, "
            f"or --force to replace what is there."
        )
