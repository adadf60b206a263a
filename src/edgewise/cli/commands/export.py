"""`edgewise export`: a trained model for where it is to run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..._atomic import target_of
from ...errors import FileError
from .. import parts
from ..console import Terminal, WrongUse
from ..outputs import MODEL_FILES, refuse_existing

SUFFIXES = {
    "c99": ".c",
    "numpy": ".py",
    "onnx": ".onnx",
    "torch": ".pt2",
    "json": ".json",
    "sympy": ".txt",
    "latex": ".tex",
}


def export(
    folder: Annotated[Path, typer.Argument(help="Folder that edgewise fit wrote.")],
    to: Annotated[
        str,
        typer.Option(
            help="c99 (one file, no dependency), numpy (a module that reads tables too), onnx, torch, json (all numbers), "
            "sympy or latex (equations)."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="File to write; model.c and the like in FOLDER if left out, model-network.json for JSON.",
        ),
    ] = None,
    name: Annotated[str, typer.Option(help="Name of the C function, Python module or graph.")] = "model",
    force: Annotated[bool, typer.Option("--force", help="Replace files that exist.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object and nothing else.")] = False,
) -> None:
    """Write the network in the format that whoever runs it needs.

    The network takes numbers: its inputs are the columns of the table, encoded by rules that are said here, and
    in the file where that is text. The NumPy module has them as code: its predict_table takes columns as they are.

    \b
    edgewise export houses-edgewise --to c99
    edgewise export houses-edgewise --to numpy -o houses.py
    """
    terminal = Terminal("export", as_json)
    with terminal.errors():
        if to not in SUFFIXES:
            raise WrongUse(f"export: --to must be one of {', '.join(SUFFIXES)}; got {to!r}.")
        saved = parts.read_model(folder)
        target = target_of("export", out or folder / default_name(name, to))
        _refuse(folder, target, force)
        parts.write_exported(saved, to, name, target)
        inputs, outputs = parts.input_lines(saved), parts.output_line(saved)
        terminal.result({"file": str(target), "format": to, "inputs": inputs, "outputs": outputs})
        terminal.line(f"wrote {target}")
        terminal.heading("Inputs, in this order")
        for line in inputs:
            terminal.line(line)
        terminal.heading("Outputs")
        terminal.line(outputs)


def default_name(name: str, to: str) -> str:
    """Name of the file in the model's folder: never one of the model's own.

    Args:
        name: Of the function, module or graph.
        to: The format.

    Example:
        >>> default_name("model", "c99"), default_name("model", "json")
        ('model.c', 'model-network.json')
    """
    file = f"{name}{SUFFIXES[to]}"
    return f"{name}-network{SUFFIXES[to]}" if file in MODEL_FILES else file


def _refuse(folder: Path, target: Path, force: bool) -> None:
    """Refuse to overwrite a file; those of the model even where others may be replaced."""
    if target.name in MODEL_FILES and target.resolve().parent == folder.resolve():
        raise FileError(
            f"export: the file to write must be none of the model's own; got {str(target)!r}, without which the model "
            f"could not be read. Give another name by --out."
        )
    refuse_existing("export", [target], force)
