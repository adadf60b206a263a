"""The file that `edgewise export` writes: the network, with the rules of its columns where there is room for words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .._atomic import replace_file
from .._json import json_text
from ..exports import comment
from ..exports import export as export_model
from .encoding_code import input_lines, output_line, table_code
from .model_folder import ModelFolder


def write_exported(saved: ModelFolder, format: str, name: str, target: Path) -> None:
    """Write the network, with the rules of its columns where the format has room for words.

    Args:
        saved: A trained model.
        format: One of `SUFFIXES`.
        name: Name of the function, module or graph.
        target: File to write, whole or not at all.
    """
    settings: dict[str, Any] = {"exact": True} if format in ("sympy", "latex") else {}
    if format in ("c99", "numpy", "onnx"):
        settings["name"] = name
    words = [*input_lines(saved), output_line(saved)]
    made = export_model(saved.model, format, target, **settings)
    if format == "c99":
        head = "".join(f" *   {comment(line)}\n" for line in words)
        replace_file(target, f"/* Inputs, in this order, and outputs:\n{head} */\n{made}".encode())
    elif format == "numpy":
        replace_file(target, (made + table_code(saved)).encode())
    elif format == "onnx":
        made.doc_string = "\n".join(["Inputs, in this order, and outputs:", *words])
        replace_file(target, made.SerializeToString())
    elif format == "json":
        replace_file(target, json_text({**json.loads(made), "encoding": words}).encode())
