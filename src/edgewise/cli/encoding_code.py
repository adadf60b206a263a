"""How the columns of a table become a model's inputs, and its outputs predictions: in words, and as NumPy code."""

from __future__ import annotations

import math
import pprint
from typing import Any

from ..estimators import GAP_WORDS, TRUTHS, CategoryRule, ColumnTransform, MeansRule, Rule
from .model_folder import ModelFolder

_UNITS = {"date": "days since 1970", "time": "hours"}

_CODE = '''

def encode(table):
    """Inputs (n, columns) from a mapping of names to columns; None, NaN and "" are gaps."""
    parts = []
    for name, rule in COLUMNS:
        column = np.asarray(table[name], dtype=object)
        gaps = np.array([v is None or v == "" or v != v for v in column], dtype=bool)
        if "levels" in rule:
            place = _places(rule["levels"])
            found = np.array([place(None if gap else v) for gap, v in zip(gaps, column)], dtype=int)
            if "means" in rule:
                parts += list(np.array([*rule["means"], rule["overall"]])[found].T)
            else:
                parts += [found == number for number in range(rule["own"])]
            continue
        if rule["order"]:
            place = _places(rule["order"])
            places = [-1 if gap else place(v) for gap, v in zip(gaps, column)]
            gaps = np.array([number < 0 for number in places], dtype=bool)
            column = np.array(places, dtype=object)
        values = np.array([np.nan if gap else float(v) for gap, v in zip(gaps, column)])
        gaps = gaps | np.isin(values, rule["codes"])
        parts.append(_read(np.where(gaps, rule["fill"], values), *rule["read"]))
        parts += [gaps] if rule["marks_gaps"] else []
    return np.array(parts, dtype=np.float64).T


def _read(values, kind, low, high, centre, width):
    """Numbers within ends, or their logarithm."""
    values = values if low is None else np.maximum(values, low)
    values = values if high is None else np.minimum(values, high)
    if kind == "log":
        return np.log(values)
    return np.arcsinh((values - centre) / width) if kind == "asinh" else values


def _places(levels):
    """From an entry to the place of its level: of the same text, else of the same number or truth; -1 for none."""
    places = {level: number for number, level in enumerate(levels)}
    truths = set(places) <= {"True", "False", "missing"}
    numbers = {}
    for level, number in places.items():
        value = _number(level)
        if value is not None:
            numbers[value] = -1 if value in numbers else number

    def place(entry):
        if entry is None:
            return places.get("missing", -1)
        whole = isinstance(entry, (float, np.floating)) and float(entry).is_integer()
        text = str(int(entry)) if whole else str(entry)
        if text in places:
            return places[text]
        word = text.strip().lower()
        if truths:
            return places.get("missing" if word in GAP_WORDS else TRUTHS.get(word), -1)
        value = {"true": 1, "false": 0}.get(word, _number(text.strip()))
        return -1 if value is None else numbers.get(value, -1)

    return place


def _number(text):
    if not re.fullmatch(r"[-+]?\\d+(?:\\.\\d*)?", text):
        return None
    head, _, tail = text.partition(".")
    return float(text) if tail.strip("0") else int(head)


def predict_table(table):
    """A mapping of names to predictions, and to probabilities of classes, for a mapping of columns."""
    outputs = predict(encode(table)).astype(np.float64)
    if CLASSES is None:
        return {TARGET: outputs[:, 0]}
    if outputs.shape[1] == 1:
        outputs = np.concatenate([np.zeros_like(outputs), outputs], axis=1)
    shares = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    found = {TARGET: np.array(CLASSES, dtype=object)[shares.argmax(axis=1)]}
    return {**found, **{f"P({label})": shares[:, n] for n, label in enumerate(CLASSES)}}
'''


def input_lines(saved: ModelFolder) -> list[str]:
    """What each input of the network holds, a line an input, in their order."""
    kinds = saved.kinds
    return [
        f"{name}: {_meaning(rule, place, kinds[rule.name].kind)}"
        for rule in saved.encoder.rules
        for place, name in enumerate(rule.names)
    ]


def _meaning(rule: Rule, place: int, kind: str) -> str:
    if isinstance(rule, CategoryRule):
        return f"1 where {rule.name} is {rule.levels[place]!r}, else 0"
    if isinstance(rule, MeansRule):
        each = zip(rule.levels, rule.means, strict=True)
        listed = ", ".join(f"{level!r}: {means[place]:.17g}" for level, means in each)
        return f"by {rule.name} {rule.overall[place]:.17g} but for {listed}"
    if place:
        return f"1 where {rule.name} is missing, else 0"
    if rule.levels:
        listed = ", ".join(f"{number} for {level!r}" for number, level in enumerate(rule.levels))
        return f"{listed}; {rule.fill:.17g} where it is missing"
    codes = "".join(f" or {code:.17g}" for code in rule.codes)
    return f"{_UNITS.get(kind, 'a number')}; {rule.fill:.17g} where it is missing{codes}{_reading(rule.transform)}"


def _reading(transform: ColumnTransform) -> str:
    """What is done with a number, in words and exactly."""
    low, high = f"{transform.low:.17g}", f"{transform.high:.17g}"
    ends = [f"at least {low}"] * math.isfinite(transform.low) + [f"at most {high}"] * math.isfinite(
        transform.high
    )
    done = [f"made {' and '.join(ends)}"] if ends else []
    if transform.kind == "log":
        done.append("of that the natural logarithm")
    elif transform.kind == "asinh":
        done.append(f"of that asinh((x - {transform.centre:.17g}) / {transform.width:.17g})")
    return "".join(f"; {part}" for part in done)


def output_line(saved: ModelFolder) -> str:
    """What the network's outputs are."""
    if saved.classes is None:
        return f"y: {saved.summary['target']}"
    if len(saved.classes) == 2:
        return f"y: the logarithm of the odds of {saved.classes[1]!r} to {saved.classes[0]!r}"
    return f"y: logits of {', '.join(map(repr, saved.classes))}; their softmax is the probabilities"


def table_code(saved: ModelFolder) -> str:
    """Python text to be put behind the NumPy form: `encode` and `predict_table`, for tables as they are."""
    facts = {
        "COLUMNS": [(rule.name, _as_plain(rule)) for rule in saved.encoder.rules],
        "TARGET": saved.summary["target"],
        "CLASSES": saved.classes,
        "TRUTHS": {word: str(truth) for word, truth in TRUTHS.items()},
        "GAP_WORDS": sorted(GAP_WORDS),
    }
    lines = [f"{name} = {pprint.pformat(value, width=100)}" for name, value in facts.items()]
    return "\n\nimport re\n\n" + "\n".join(lines) + "\n" + _CODE


def _as_plain(rule: Rule) -> dict[str, Any]:
    if isinstance(rule, CategoryRule):
        return {"levels": [*rule.levels, *rule.others], "own": len(rule.levels)}
    if isinstance(rule, MeansRule):
        return {"levels": list(rule.levels), "means": list(rule.means), "overall": rule.overall}
    how = rule.transform
    return {
        "fill": rule.fill,
        "marks_gaps": rule.marks_gaps,
        "order": list(rule.levels),
        "codes": list(rule.codes),
        "read": (how.kind, _python(how.low), _python(how.high), how.centre, how.width),
    }


def _python(end: float) -> float | None:
    """None for no end."""
    return end if math.isfinite(end) else None
