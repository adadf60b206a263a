"""What the symbols of a table's formula mean, and how they are written so that they can be told apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ..estimators import ColumnTransform, NumericRule, Rule
from ..plots import number_text
from .workflow import Run

_MEANING = {
    "date": "days since 1 January 1970",
    "time": "hours",
}


def bracketed(name: str) -> str:
    """An encoded column as a symbol: itself where it is one word, else between brackets.

    Args:
        name: Of the encoded column.

    Example:
        >>> bracketed("area"), bracketed("city=Bern"), bracketed("sold on")
        ('area', '[city = Bern]', '[sold on]')
    """
    if name.isidentifier():
        return name
    column, mark, level = name.partition("=")
    return f"[{column} = {level}]" if mark and column else f"[{name}]"


def with_brackets(text: str, shown: Mapping[str, str]) -> str:
    """A formula in which every symbol that is more than a word stands between brackets.

    Args:
        text: Lines of equations.
        shown: How symbols are to be shown, by their names as they stand there.

    Example:
        >>> with_brackets("price = 2*area + 3*city=Bern", {"area": "area", "city=Bern": "[city = Bern]"})
        'price = 2*area + 3*[city = Bern]'
    """
    odd = [name for name, new in shown.items() if name != new]
    if not odd:
        return text
    longest_first = sorted(odd, key=len, reverse=True)
    found = re.compile("|".join(rf"(?<![\w.]){re.escape(name)}(?!\w)" for name in longest_first))
    lines = []
    for line in text.split("\n"):
        left, mark, right = line.partition(" = ")
        lines.append(f"{left}{mark}{found.sub(lambda match: shown[match[0]], right)}")
    return "\n".join(lines)


def shown_symbols(run: Run) -> dict[str, str]:
    """How the symbols of a run's formula are shown, by their names.

    Args:
        run: What came out of the fit; it has a formula.
    """
    return {str(symbol): _shown(str(symbol), rule) for symbol, rule, _ in _symbols(run)}


def _symbols(run: Run) -> Iterator[tuple[Any, Rule, str]]:
    """Each symbol, the rule of its column, and the name of the encoded column."""
    encoder = run.estimator.encoder_
    for symbol, place in zip(run.formula.symbols, run.model.columns.tolist(), strict=True):
        yield symbol, encoder.rules[encoder.owners[place]], encoder.names[place]


def _shown(symbol: str, rule: Rule) -> str:
    if isinstance(rule, NumericRule) and symbol == rule.names[0]:
        return rule.transform.name(_word(rule.name))
    return _word(symbol)


def _word(name: str) -> str:
    """A name between brackets where it is more than a word; a number is no name that could be found in a formula."""
    return bracketed(name) if any(letter.isalpha() for letter in name) else name


def symbols_of(run: Run, text: str) -> list[dict[str, str]]:
    """What each symbol of a formula means.

    Args:
        run: What came out of the fit; it has a formula.
        text: The formula as it is shown.
    """
    rows = []
    for symbol, rule, encoded in _symbols(run):
        shown = _shown(str(symbol), rule)
        if re.search(rf"(?<![\w.]){re.escape(shown)}(?!\w)", text):
            rows.append({"symbol": shown, "meaning": _meaning(run, rule, encoded)})
    for name in dict.fromkeys(re.findall(r"\bspline_\d+_\d+_\d+", text)):
        rows.append({"symbol": f"{name}(…)", "meaning": _spline(name)})
    return rows


def _meaning(run: Run, rule: Rule, encoded: str) -> str:
    column = rule.name
    if isinstance(rule, NumericRule) and encoded == rule.names[0]:
        kind = run.prepared.kinds[column].kind if column in run.prepared.kinds else ""
        return f"the column {column}, in {_MEANING.get(kind, 'its own units')}{_transformed(rule.transform)}"
    if encoded.startswith(f"{column}="):
        level = encoded[len(column) + 1 :]
        return f"1 where {column} is {level}, else 0"
    return f"{encoded}: a number for each level of the column {column}, learned from the training rows"


def _transformed(transform: ColumnTransform) -> str:
    ends = [number_text(end) for end in (transform.low, transform.high) if np.isfinite(end)]
    cut = f"; values beyond {' and '.join(ends)} are read as these" if transform.cuts else ""
    how = {
        "log": ", of which the natural logarithm is taken",
        "asinh": ", read by the inverse hyperbolic sine, a logarithm in both directions",
    }
    return cut + how.get(transform.kind, "")


def _spline(name: str) -> str:
    layer = name.split("_")[1]
    if int(layer) > 0:
        return "a curve of the network's upper level, which no function describes as well"
    return "a curve which no function describes as well; the section How shows it"
