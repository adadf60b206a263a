"""One HTML page that needs no other file: how good, what matters, how, interactions, single rows, data, formula."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from .._version import __version__
from ..errors import TableWarning
from .folds import Folds
from .report_data import data_section, formula_section
from .report_rows import rows_section
from .report_sections import good_section, matters_section, tiles
from .report_shapes import how_section, interactions_section, rows_text
from .workflow import Run

_TEMPLATES = Path(__file__).parent / "templates"


def write_report(run: Run, summary: Mapping[str, Any], folds: Folds) -> str:
    """The page as text.

    Args:
        run: What came out of the fit.
        summary: Of `summarise`.
        folds: Of `over_folds`.
    """
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TableWarning)  # the notes say it
        return environment.get_template("report.html").render(**_content(run, summary, folds))


def _content(run: Run, summary: Mapping[str, Any], folds: Folds) -> dict[str, Any]:
    target, columns = str(summary["target"]), run.prepared.inputs.shape[1]
    what = "one column" if columns == 1 else f"{columns} columns"
    return {
        "title": f"{target}, predicted from {what}",
        "opening": f"Learned from {rows_text(len(run.train))} of a table.",
        "tiles": tiles(summary, folds),
        "good": good_section(run, summary, folds),
        "matters": matters_section(run, summary, folds),
        "how": how_section(run, target),
        "interactions": interactions_section(run, target),
        "rows": rows_section(run, target),
        "data": data_section(run, summary),
        "formula": formula_section(run, summary),
        "footer": f"Made by edgewise {__version__} in {summary['seconds']:.1f} s.",
    }


def score_table(summary: Mapping[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Heads and rows, one a score: training, held out, without any input, of the formula; what was measured."""
    scores, formula = summary["scores"], (summary["formula"] or {}).get("held_out", {})
    tables = {
        "training": scores["train"],
        "held out": scores["held_out"],
        "without inputs": scores["baseline"],
        "formula, held out": formula,
    }
    shown = {head: table for head, table in tables.items() if table}
    names = list(dict.fromkeys(name for table in (scores["train"], scores["held_out"]) for name in table))
    cells = {
        head: [_score(table[name]) if name in table else "" for name in names]
        for head, table in shown.items()
    }
    intervals = summary.get("intervals") or {}
    if intervals:
        ends = [intervals.get(name) for name in names]
        cells["held out"] = [
            f"{cell} ({_score(pair[0])} to {_score(pair[1])})" if pair else cell
            for cell, pair in zip(cells["held out"], ends, strict=True)
        ]
    rows = [
        [name.replace("_", " "), *(column[place] for column in cells.values())]
        for place, name in enumerate(names)
    ]
    heads = [f"{head} (95 % interval)" if intervals and head == "held out" else head for head in cells]
    return ["", *heads], rows


def _score(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.4g}"


def formula_lines(found: Mapping[str, Any]) -> list[str]:
    """What is said beneath a formula: its verdict, and how much of the network it keeps.

    Args:
        found: The formula in the words of `summarise`.

    Example:
        >>> formula_lines({"verdict": "exact", "reason": "equals the targets", "r2_to_network": 1.0, "splines": 0})
        ['exact: equals the targets', 'R2 to the network 1.00000, 0 curves left as splines']
    """
    # The equations of an undefined formula say so themselves.
    judged = [] if found["verdict"] == "undefined" else [f"{found['verdict']}: {found['reason']}"]
    kept = "undefined" if found["r2_to_network"] is None else f"{found['r2_to_network']:.5f}"
    return [*judged, f"R2 to the network {kept}, {found['splines']} curves left as splines"]
