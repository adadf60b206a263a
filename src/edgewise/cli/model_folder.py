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
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import torch

from .._json import json_text
from .._version import __version__
from ..errors import FileError
from ..estimators import (
    CategoryRule,
    ColumnTransform,
    MeansRule,
    NumericRule,
    Rule,
    TableEncoder,
    probabilities,
)
from ..network import Network, load, save
from ..train import predict_in_chunks
from .outputs import MODEL_FILES
from .schema import ANY_NAME, violation
from .tables import KINDS, ColumnKind, RawTable, ReadOptions, Usual, ready_inputs

FORMAT = 3
_SCORES = {ANY_NAME: (None, float)}
_FORMULA = {
    "text": str,
    "latex": str,
    "verdict": str,
    "reason": str,
    "r2_to_network": (None, float),
    "splines": int,
    "held_out": _SCORES,
}
_TRANSFORM = {
    "kind": str,
    "low": (None, float),
    "high": (None, float),
    "centre": float,
    "width": float,
}
_RULES = (
    {
        "name": str,
        "fill": float,
        "marks_gaps": bool,
        "kind": str,
        "style": str,
        "order": [str],
        "low": (None, float),
        "high": (None, float),
        "codes": [float],
        "transform": _TRANSFORM,
    },
    {"name": str, "levels": [str], "others": [str]},
    {"name": str, "means": {ANY_NAME: [float]}, "overall": [float], "targets": [str]},
)
SCHEMA = {
    "format": int,
    "target": str,
    "task": str,
    "classes": (None, [str]),
    "scores": {"train": _SCORES, "held_out": _SCORES, "baseline": _SCORES},
    "intervals": {ANY_NAME: [(None, float)]},
    "importances": {ANY_NAME: float},
    "formula": (None, _FORMULA),
    "no_formula": str,
    "diagnostics": [{"name": str, "value": str, "advice": str}],
    "notes": [str],
    "reading": {
        "columns": {ANY_NAME: {"kind": str, "style": str, "given": bool}},
        "decimal": str,
        "date": (None, str),
        "missing": [str],
    },
    "interval": (None, {"level": float, "half_width": float}),
    "columns": [_RULES],
}
"""What model.json must hold, at least."""

RULE_KINDS = ("number", "date", "duration", "time", "ordered")
_NOTHING = ReadOptions()

MODEL, SUMMARY, PICTURE, REPORT = MODEL_FILES


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

    @property
    def kinds(self) -> dict[str, ColumnKind]:
        """What each column holds, in their order."""
        columns = self.summary["reading"]["columns"]
        return {
            rule.name: ColumnKind(
                columns[rule.name]["kind"], columns[rule.name]["style"], given=columns[rule.name]["given"]
            )
            for rule in self.encoder.rules
        }

    def read_as_before(self, options: ReadOptions) -> ReadOptions:
        """What the user says of a file, with the entries that were said to be gaps at the fit.

        Args:
            options: What the user says now.
        """
        return replace(options, missing=(*options.missing, *self.summary["reading"]["missing"]))

    def predict(self, table: RawTable, options: ReadOptions = _NOTHING) -> tuple[pandas.DataFrame, list[str]]:
        """Predictions for a table, and notes on rows that are unlike those of the fit.

        Args:
            table: What was read.
            options: How the user says it is to be read.

        Returns:
            The target, with the ends of its interval where it is known, or the probability of each class.
        """
        reading = self.summary["reading"]
        inputs, notes = ready_inputs(table, self.kinds, Usual(reading["decimal"], reading["date"]), options)
        encoded, remarks = self.encoder.encode(inputs, {name: kind.kind for name, kind in self.kinds.items()})
        notes += remarks.lines
        outputs = predict_in_chunks(self.model, torch.from_numpy(encoded))
        target = str(self.summary["target"])
        if self.classes is None:
            values = outputs.numpy()[:, 0]
            return pandas.DataFrame({target: values, **self._ends(target, values)}, index=inputs.index), notes
        shares = probabilities(outputs)
        found = pandas.DataFrame(
            {target: np.array(self.classes, dtype=object)[shares.argmax(1)]}, index=inputs.index
        )
        for place, label in enumerate(self.classes):
            found[f"P({label})"] = shares[:, place]
        return found, notes

    def _ends(self, target: str, values: np.ndarray) -> dict[str, np.ndarray]:
        interval = self.summary["interval"]
        if interval is None:
            return {}
        share, width = f"{100 * interval['level']:g}%", interval["half_width"]
        return {f"{target} low {share}": values - width, f"{target} high {share}": values + width}


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
    write_text(folder / SUMMARY, json_text(described, indent=1) + "\n")


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
    wrong = violation(summary, SCHEMA) or _not_finite(summary) or _mismatched(summary) or _unread(summary)
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
    for entry in summary["columns"]:
        means = [mean for level in entry.get("means", {}).values() for mean in level]
        bounds = [entry.get(key) or 0.0 for key in ("fill", "low", "high")]
        if not all(map(math.isfinite, [*bounds, *means, *entry.get("overall", ())])):
            return f"the numbers of {entry['name']!r} must be finite"
    return None


def _mismatched(summary: Mapping[str, Any]) -> str | None:
    for entry in summary["columns"]:
        if "fill" in entry and (
            entry["kind"] not in RULE_KINDS or (entry["kind"] == "ordered") != bool(entry["order"])
        ):
            return f"{entry['name']!r} is of no kind that there is"
        width = len(entry.get("overall", ()))
        if "means" in entry and (
            not width
            or len(entry["targets"]) != width
            or any(len(level) != width for level in entry["means"].values())
        ):
            return f"the means of {entry['name']!r} are not one a target"
    return None


def _unread(summary: Mapping[str, Any]) -> str | None:
    kinds = summary["reading"]["columns"]
    lost = [
        entry["name"] for entry in summary["columns"] if kinds.get(entry["name"], {}).get("kind") not in KINDS
    ]
    return f"it does not say what kind {lost[0]!r} is" if lost else None


def _describe(rule: Rule) -> dict[str, Any]:
    if isinstance(rule, NumericRule):
        of_kind = {
            "kind": rule.kind,
            "style": rule.style,
            "order": list(rule.levels),
            "low": _finite(rule.low),
            "high": _finite(rule.high),
            "codes": list(rule.codes),
            "transform": {name: _finite(value) for name, value in asdict(rule.transform).items()},
        }
        return {"name": rule.name, "fill": rule.fill, "marks_gaps": rule.marks_gaps, **of_kind}
    if isinstance(rule, MeansRule):
        means = {level: list(means) for level, means in zip(rule.levels, rule.means, strict=True)}
        return {
            "name": rule.name,
            "means": means,
            "overall": list(rule.overall),
            "targets": list(rule.targets),
        }
    return {"name": rule.name, "levels": list(rule.levels), "others": list(rule.others)}


def _rule(entry: Mapping[str, Any]) -> Rule:
    name = entry["name"]
    if "levels" in entry:
        return CategoryRule(name, tuple(entry["levels"]), tuple(entry["others"]))
    if "means" in entry:
        means = tuple(tuple(map(float, means)) for means in entry["means"].values())
        overall = tuple(map(float, entry["overall"]))
        return MeansRule(name, tuple(entry["means"]), means, overall, tuple(entry["targets"]))
    given = (float(entry["fill"]), entry["marks_gaps"], entry["kind"], entry["style"], tuple(entry["order"]))
    codes, how = tuple(map(float, entry["codes"])), entry["transform"]
    transform = ColumnTransform(how["kind"], *_ends(how), float(how["centre"]), float(how["width"]))
    return NumericRule(name, *given, *_ends(entry), codes, transform)


def _finite(value: Any) -> Any:
    """None for infinity, which JSON does not hold."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _ends(entry: Mapping[str, Any]) -> tuple[float, float]:
    low, high = entry["low"], entry["high"]
    return (-math.inf if low is None else float(low), math.inf if high is None else float(high))
