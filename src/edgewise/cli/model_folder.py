"""The folder a fit leaves behind, and how it is read again: a model file and a JSON file, nothing that runs.

model.safetensors   the network
model.json          rules of the columns, classes, scores, formula
network.png         its picture
report.html         all of it for people
"""

from __future__ import annotations

import json
import math
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import torch

from .._version import __version__
from ..errors import FileError
from ..estimators import CategoryRule, NumericRule, TableEncoder, probabilities
from ..network import Network, load, save
from ..train import predict_in_chunks
from .schema import ANY_NAME, violation
from .tables import ready_inputs

FORMAT = 1
_SCORES = {ANY_NAME: float}
_FORMULA = {"text": str, "latex": str, "r2_to_network": float, "splines": int, "held_out": _SCORES}
_RULES = ({"name": str, "fill": float, "marks_gaps": bool}, {"name": str, "levels": [str]})
SCHEMA = {
    "format": int,
    "target": str,
    "task": str,
    "classes": (None, [str]),
    "scores": {"train": _SCORES, "held_out": _SCORES, "baseline": _SCORES},
    "importances": {ANY_NAME: float},
    "formula": (None, _FORMULA),
    "diagnostics": [{"name": str, "value": str, "advice": str}],
    "notes": [str],
    "columns": [_RULES],
}
"""What model.json must hold, at least."""

FILES = MODEL, SUMMARY, PICTURE, REPORT = "model.safetensors", "model.json", "network.png", "report.html"


@dataclass(frozen=True)
class ModelFolder:
    """A trained model and what was noted about it.

    Attributes:
        model: The network.
        encoder: Rules of the table's columns.
        summary: The contents of model.json.
    """

    model: Network
    encoder: TableEncoder
    summary: dict[str, Any]

    @property
    def classes(self) -> list[str] | None:
        """Names of the classes; None where values are predicted."""
        return self.summary["classes"]

    def predict(self, table: pandas.DataFrame) -> pandas.DataFrame:
        """Predictions for a table: the target, and where classes are predicted the probability of each."""
        inputs = ready_inputs(table, [rule.name for rule in self.encoder.rules])
        outputs = predict_in_chunks(self.model, torch.from_numpy(self.encoder.transform(inputs)))
        target = str(self.summary["target"])
        if self.classes is None:
            return pandas.DataFrame({target: outputs.numpy()[:, 0]}, index=table.index)
        shares = probabilities(outputs)
        found = pandas.DataFrame(
            {target: np.array(self.classes, dtype=object)[shares.argmax(1)]}, index=table.index
        )
        for place, label in enumerate(self.classes):
            found[f"P({label})"] = shares[:, place]
        return found


def write_model(folder: Path, model: Network, encoder: TableEncoder, summary: Mapping[str, Any]) -> None:
    """Write the model and its summary into a folder, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    save(model, folder / MODEL)
    described = {
        "format": FORMAT,
        "edgewise": __version__,
        **summary,
        "columns": [_describe(rule) for rule in encoder.rules],
    }
    write_text(folder / SUMMARY, json.dumps(described, indent=1, ensure_ascii=False) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write a file all at once or not at all."""
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        draft.write_text(text, "utf-8")
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def read_model(folder: Path) -> ModelFolder:
    """Read what `write_model` wrote.

    Raises:
        FileError: the folder holds no model, or a damaged one.
    """
    path = folder / SUMMARY
    if not path.is_file():
        raise FileError(
            f"read: {str(folder)!r} must be a folder that edgewise fit wrote; there is no {SUMMARY} in it. "
            f"Give the folder named by --out."
        )
    try:
        summary = json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise _damaged(path, repr(error)) from error
    if isinstance(summary, dict) and type(summary.get("format")) is int and summary["format"] > FORMAT:
        raise FileError(f"read: {str(path)!r} is of a newer format {summary['format']}. Upgrade edgewise.")
    wrong = violation(summary, SCHEMA) or _not_finite(summary)
    if wrong is not None:
        raise _damaged(path, wrong)
    found = ModelFolder(load(folder / MODEL), TableEncoder(tuple(map(_rule, summary["columns"]))), summary)
    outputs = found.model.layers[-1].out_features
    classes = len(found.classes) if found.classes is not None else None
    if found.model.n_columns != len(found.encoder.names) or (
        classes is not None and max(2, outputs) != classes
    ):
        raise FileError(f"read: {SUMMARY} and {MODEL} in {str(folder)!r} are of different models. Fit again.")
    return found


def _damaged(path: Path, what: str) -> FileError:
    return FileError(f"read: {str(path)!r} is damaged ({what}). Fit again, or get another copy.")


def _not_finite(summary: Mapping[str, Any]) -> str | None:
    wrong = [entry["name"] for entry in summary["columns"] if not math.isfinite(entry.get("fill", 0.0))]
    return f"the fill of {wrong[0]!r} must be finite" if wrong else None


def _describe(rule: NumericRule | CategoryRule) -> dict[str, Any]:
    if isinstance(rule, NumericRule):
        return {"name": rule.name, "fill": rule.fill, "marks_gaps": rule.marks_gaps}
    return {"name": rule.name, "levels": list(rule.levels)}


def _rule(entry: Mapping[str, Any]) -> NumericRule | CategoryRule:
    if "levels" in entry:
        return CategoryRule(entry["name"], tuple(entry["levels"]))
    return NumericRule(entry["name"], float(entry["fill"]), entry["marks_gaps"])
