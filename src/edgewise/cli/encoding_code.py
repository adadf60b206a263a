"""How the columns of a table become a model's inputs, and its outputs predictions: in words, and as NumPy code."""

from __future__ import annotations

import pprint

from ..estimators import CategoryRule, NumericRule
from .model_folder import ModelFolder

_UNITS = {"date": "days since 1970", "time": "hours"}

_CODE = '''

def encode(table):
    """Inputs (n, columns) from a mapping of names to columns; None, NaN and "" are gaps."""
    parts = []
    for name, rule in COLUMNS:
        column = np.asarray(table[name], dtype=object)
        gaps = np.array([v is None or v == "" or v != v for v in column], dtype=bool)
        if isinstance(rule, list):
            texts = [_text(v) for v in column]
            texts = ["missing" if gap else text for gap, text in zip(gaps, texts)]
            parts += [[text == level for text in texts] for level in rule]
        else:
            fill, marks_gaps = rule
            parts.append([fill if gap else float(v) for gap, v in zip(gaps, column)])
            parts += [gaps] if marks_gaps else []
    return np.array(parts, dtype=np.float64).T


def _text(value):
    whole = isinstance(value, (float, np.floating)) and float(value).is_integer()
    return str(int(value)) if whole else str(value)


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


def _meaning(rule: NumericRule | CategoryRule, place: int, kind: str) -> str:
    if isinstance(rule, CategoryRule):
        return f"1 where {rule.name} is {rule.levels[place]!r}, else 0"
    if place:
        return f"1 where {rule.name} is missing, else 0"
    return f"{_UNITS.get(kind, 'a number')}; {rule.fill:.17g} where it is missing"


def output_line(saved: ModelFolder) -> str:
    """What the network's outputs are."""
    if saved.classes is None:
        return f"y: {saved.summary['target']}"
    if len(saved.classes) == 2:
        return f"y: the logarithm of the odds of {saved.classes[1]!r} to {saved.classes[0]!r}"
    return f"y: logits of {', '.join(map(repr, saved.classes))}; their softmax is the probabilities"


def table_code(saved: ModelFolder) -> str:
    """Python text to be put behind the NumPy form: `encode` and `predict_table`, for tables as they are."""
    columns = [
        (rule.name, list(rule.levels) if isinstance(rule, CategoryRule) else (rule.fill, rule.marks_gaps))
        for rule in saved.encoder.rules
    ]
    facts = {"COLUMNS": columns, "TARGET": saved.summary["target"], "CLASSES": saved.classes}
    lines = [f"{name} = {pprint.pformat(value, width=100)}" for name, value in facts.items()]
    return "\n\n" + "\n".join(lines) + "\n" + _CODE
