"""What the page says of the data, the network and the formula."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..plots import cell_text
from .formula_symbols import symbols_of
from .pictures import network_picture, picture
from .report_shapes import kinds_of, rows_text
from .tables import describe
from .workflow import Run


def data_section(run: Run, summary: Mapping[str, Any]) -> dict[str, Any]:
    """What was done to the table, what its columns hold, and what the diagnoses say.

    Args:
        run: What came out of the fit.
        summary: Of `summarise`.
    """
    kinds = kinds_of(run)
    columns = [
        [row["name"], kinds.get(row["name"], row["kind"]), _missing(row["missing"]), _values(row, run, kinds)]
        for row in describe(run.prepared.inputs)
    ]
    findings = [
        [found["name"], found["value"], found["advice"] or "nothing to do"]
        for found in summary["diagnostics"]
    ]
    notes = list(summary["notes"])
    if summary.get("read"):
        notes.insert(0, f"Read: {summary['read']}.")
    return {
        "notes": notes,
        "columns": {"heads": ["column", "kind", "missing", "values"], "rows": columns},
        "findings": {"heads": ["what was looked at", "seen", "advice"], "rows": findings},
        "network": _network(run, str(summary["target"])),
    }


def _missing(count: int) -> str:
    return "none" if count == 0 else rows_text(count)


def _values(row: Mapping[str, Any], run: Run, kinds: Mapping[str, str]) -> str:
    kind = kinds.get(row["name"])
    if kind is None:
        return str(row["what"])
    column = run.prepared.inputs[row["name"]]
    return f"{cell_text(float(column.min()), kind)} to {cell_text(float(column.max()), kind)}"


def _network(run: Run, target: str) -> dict[str, Any]:
    chosen = run.estimator.search_result_
    what = "A hidden level" if chosen.deep else "A sum of one curve a column"
    lines = [
        f"{what} was chosen, with roughness weighted {chosen.roughness.strength:.1g}. Pruning {run.pruned}."
    ]
    if chosen.validation_loss is not None and chosen.additive_validation_loss is not None:
        lines.append(
            f"Its loss on rows set aside among the training rows was {chosen.validation_loss:.4g}, that of the best sum of "
            f"curves {chosen.additive_validation_loss:.4g} (of targets of deviation 1)."
        )
    return {
        "lines": lines,
        "picture": picture(network_picture(run, target), f"The network, of width {run.model.width}."),
        "caption": "Each box is a curve of the network; dark ones matter more. The columns are beneath, the prediction above.",
    }


def formula_section(run: Run, summary: Mapping[str, Any]) -> dict[str, Any]:
    """The formula with its verdict, and what its symbols mean.

    Args:
        run: What came out of the fit.
        summary: Of `summarise`.
    """
    found = summary["formula"]
    if found is None:
        return {"lines": [f"There is no formula: {summary['no_formula'] or 'none was found'}."], "text": ""}
    lines = (
        []
        if found["verdict"] == "undefined"
        else [f"Verdict: {found['verdict']}. {_sentence(found['reason'])}"]
    )
    kept = "undefined" if found["r2_to_network"] is None else f"{100 * found['r2_to_network']:.2f} %"
    splines = found["splines"]
    left = "" if not splines else f"; {splines} of its curves have no function and stand in it by name"
    lines.append(f"It keeps {kept} of the variance of the model's outputs{left}.")
    lines.append(_unit_line(run, str(summary["target"])))
    rows = [[symbol["symbol"], symbol["meaning"]] for symbol in symbols_of(run, found["text"])]
    return {
        "lines": lines,
        "text": found["text"],
        "latex": found["latex"],
        "symbols": {"heads": ["symbol", "what it means"], "rows": rows},
    }


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"


def _unit_line(run: Run, target: str) -> str:
    classes: Any = getattr(run.estimator, "classes_", ())
    if not len(classes):
        return f"The left side is {target}, in its own units."
    if len(classes) == 2:
        return f"The left side is the logarithm of the odds of {target} being {classes[1]}."
    return "The left sides are logits: the probability of a class is its exponential over the sum of all."
