"""What is written of a discovery: plain values, LaTeX, programs and pictures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._json import json_text
from .._version import __version__
from ..discovery import latex_name
from ..plots import plot_discovery
from .model_folder import write_text
from .outputs import FORMULA_FILES

if TYPE_CHECKING:
    from ..discovery import Constant, Discovery

_VALUES, _LATEX, _PYTHON, _C, _PICTURE = FORMULA_FILES


def described_discovery(found: Discovery, target: str) -> dict[str, Any]:
    """A discovery as plain values.

    Args:
        found: What was found.
        target: What the law gives.
    """
    best = None if found.best is None else found.shown()
    return {
        "edgewise": __version__,
        "target": target,
        "columns": _columns(found),
        "law": None if best is None else best.text(),
        "law_all_digits": None if found.best is None else found.best.text(),
        "latex": None if best is None else found.latex(),
        "verdict": None if best is None else best.verdict,
        "why": found.why,
        "constants": [] if found.best is None else [_constant(one) for one in found.constants()],
        "correlations": [] if found.best is None else found.numbers().correlations.tolist(),
        "not_told_apart": [
            {"law": found.shown(one.law).text(), "apart": one.apart, "beyond": one.beyond, "where": one.where}
            for one in found.rivals
        ],
        "front": found.rows(),
        "rows": {"fitted_to": len(found.samples.y), "held_out": len(found.samples.held_y)},
        "noise": found.noise,
        "seconds": found.seconds,
        "stopped": found.stopped,
    }


def _columns(found: Discovery) -> list[str]:
    return [str(symbol) for symbol in found.laws[0].symbols] if found.laws else []


def _constant(one: Constant) -> dict[str, Any]:
    decided = math.isfinite(one.error)
    return {
        "value": None if one.value.is_Float else str(one.value),
        "fitted": one.fitted,
        "standard_error": one.error,
        "interval_68": list(one.interval(0.68)) if decided else None,
        "interval_95": list(one.interval(0.95)) if decided else None,
        "standard_errors_away": None if one.value.is_Float or not decided else one.distance,
        "decided": decided,
    }


def files_of(found: Discovery) -> tuple[str, ...]:
    """Names of the files that are written of a discovery: where there is no law, its values alone.

    Args:
        found: What was found.
    """
    return FORMULA_FILES if found.best is not None else FORMULA_FILES[:1]


def write_formula(folder: Path, found: Discovery, told: Mapping[str, Any]) -> None:
    """Write a discovery into a folder.

    Args:
        folder: Is made if it is not there.
        found: What was found.
        told: Its plain values, and what else is to be kept with them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / _VALUES, json_text(told, indent=1) + "\n")
    if found.best is None:
        return
    write_text(folder / _LATEX, formula_latex(found, str(told["target"])))
    write_text(folder / _PYTHON, found.numpy())
    write_text(folder / _C, found.c())
    plot_discovery(found, target=str(told["target"])).savefig(folder / _PICTURE, dpi=150)


def formula_latex(found: Discovery, target: str) -> str:
    """An equation for a paper, beneath what is said of it in comments.

    Args:
        found: What was found; it has a law.
        target: What the law gives.
    """
    lines = [f"% {line}" for line in str(found).splitlines()]
    return "\n".join(
        [*lines, "\\begin{equation}", f"{latex_name(target)} = {found.latex()}", "\\end{equation}", ""]
    )
