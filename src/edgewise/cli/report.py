"""One HTML page that needs no other file: data, errors, training, network, curves, formula, diagnostics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from .pictures import as_png, as_svg, curve_pictures, history_picture, network_picture
from .tables import describe
from .workflow import Run

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;color:#1b1b1b;max-width:62rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2.2rem;border-bottom:1px solid #ddd}
table{border-collapse:collapse}td,th{padding:.2rem .9rem .2rem 0;text-align:left;vertical-align:top}
th{color:#666;font-weight:500}td.n{font-variant-numeric:tabular-nums}
pre{background:#f5f5f3;padding:.8rem;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}
img{max-width:100%}.curves{display:grid;grid-template-columns:repeat(auto-fill,minmax(18rem,1fr));gap:.6rem}
.advice{color:#9a3412}.quiet{color:#666}
.bar{background:#3465a4;height:.7rem;display:inline-block}
"""


def write_report(run: Run, summary: Mapping[str, Any]) -> str:
    """The page as text.

    Args:
        run: What came out of the fit.
        summary: Of `summarise`.
    """
    target = str(summary["target"])
    parts = [
        f"<h1>{escape(target)}, from {run.prepared.inputs.shape[1]} columns</h1>",
        f"<p>{len(run.train)} rows to train on, {len(run.test)} set aside and never seen; "
        f"{run.seconds:.1f} s. Every error named held out is measured on the latter.</p>",
        _section("Errors", _errors(summary)),
        _section("Formula", _formula(summary)),
        _section("What matters", _importances(summary["importances"])),
        _section(
            "Network", f"<p>{escape(run.pruned)}</p>{_image(as_svg(network_picture(run)), 'the network')}"
        ),
        _section("Curves", _curves(run)),
        _section("Diagnostics", _findings(summary["diagnostics"])),
        _section("Training", _training(run)),
        _section("Data", _data(run)),
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(target)}: edgewise</title><style>{_STYLE}</style></head><body>{''.join(parts)}</body></html>\n"
    )


def _section(title: str, body: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{body}</section>"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    top = "".join(f"<th>{escape(head)}</th>" for head in heads)
    body = "".join("<tr>" + "".join(f'<td class="n">{cell}</td>' for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{top}</tr>{body}</table>"


def _image(source: str, text: str) -> str:
    return f'<img src="{source}" alt="{escape(text)}">'


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


def _errors(summary: Mapping[str, Any]) -> str:
    return _table(*score_table(summary))


def _formula(summary: Mapping[str, Any]) -> str:
    found = summary["formula"]
    if found is None:
        return '<p class="quiet">None was looked for: the network has too many edges to be read as one.</p>'
    lines = "<br>".join(escape(line) for line in formula_lines(found))
    return f"<pre>{escape(found['text'])}</pre><p>{lines}.</p><p>{_meaning(summary)}</p><details><summary>LaTeX</summary><pre>{escape(found['latex'])}</pre></details>"


def _meaning(summary: Mapping[str, Any]) -> str:
    classes = summary["classes"]
    if classes is None:
        return "Columns are in their own units; name=level is 1 where the column has that level, else 0."
    if len(classes) == 2:
        return f"y is the logarithm of the odds of {escape(classes[1])}."
    return f"y_1, y_2, ... are logits of {escape(', '.join(classes))}."


def _importances(shares: Mapping[str, float]) -> str:
    return _table(
        ("column", "share of the spread of predictions"),
        (
            (escape(name), f'<span class="bar" style="width:{12 * share:.2f}rem"></span> {share:.3f}')
            for name, share in shares.items()
        ),
    )


def _curves(run: Run) -> str:
    pictures = curve_pictures(run)
    figures = "".join(_image(as_png(figure), "a curve") for figure in pictures)
    left = sum(layer == 0 for layer, _, _ in run.model.active_edges()) - len(pictures)
    more = f" {left} curves that matter less are not shown." if left else ""
    return (
        f"<p>What the first layer does with each column, those that matter most first.{more} Blue: training rows; marks "
        f'below: where the pieces of the curve meet.</p><div class="curves">{figures}</div>'
    )


def _findings(findings: Sequence[Mapping[str, str]]) -> str:
    return _table(
        ("", "seen", "advice"),
        ((escape(found["name"]), escape(found["value"]), _advice(found["advice"])) for found in findings),
    )


def _advice(text: str) -> str:
    return f'<span class="advice">{escape(text)}</span>' if text else '<span class="quiet">none needed</span>'


def _training(run: Run) -> str:
    chosen = run.estimator.search_result_
    picture = history_picture(run)
    held = "none" if chosen.validation_loss is None else f"{chosen.validation_loss:.4g}"
    plain = "none" if chosen.additive_validation_loss is None else f"{chosen.additive_validation_loss:.4g}"
    text = (
        f"<p>{'A hidden level' if chosen.deep else 'A sum of one curve a column'} was chosen, with roughness weighted "
        f"{chosen.roughness.strength:.0e}: loss {held} on samples set aside within the training rows, beside {plain} "
        f"for the best sum of curves (both on scaled targets).</p>"
    )
    return text + (
        _image(as_svg(picture), "loss by step") if picture is not None else "<p>Solved in one step.</p>"
    )


def _data(run: Run) -> str:
    notes = "".join(f"<li>{escape(note)}</li>" for note in run.prepared.notes)
    rows = (
        (escape(row["name"]), row["kind"], str(row["missing"]), escape(row["what"]))
        for row in describe(run.prepared.inputs)
    )
    return f"<ul>{notes}</ul>{_table(('column', 'kind', 'missing', 'values'), rows)}"
