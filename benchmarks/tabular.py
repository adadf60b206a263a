"""On measured and on made tables, with all defaults, how good are the estimators beside what people use today?

    pip install -e '.[bench-tabular]' && pip install --no-deps pygam==0.12.0 && pip install progressbar2
    python benchmarks/tabular.py                            what was not measured yet; hours on one core, most for the EBM
    python benchmarks/tabular.py --only KAN MLP             some models
    python benchmarks/tabular.py --tables survey --only KAN --again    one table anew, beside what was measured before
    python benchmarks/tabular.py --print --page docs/tabular.md        the tables from what was measured before

Twelve measured tables (those that scikit-learn and statsmodels ship, two published contingency tables) and eleven made
ones (`benchmarks/tables`), five folds each. Every model has its defaults. Columns of text are one-hot (target means
above 20 levels) for all but ours and the EBM; linear models and the MLP get standardised inputs, and the MLP
standardised targets too, without which it loses everywhere. What is measured is kept fold by fold: a run that was
stopped goes on where it was.

Values: share of the variance left unexplained on the fold that was left out (lower is better), where targets have
outliers that of the target without them. Classes: log loss, with probabilities cut off at 1e-6, and the share of wrong
classes. "behind": loss of KAN over the least of linear, forest and boosting.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import KFold, StratifiedKFold
from tables import made, shipped
from tables.rivals import MODELS, fresh

VALUES, CLASSES = shipped.VALUES | made.VALUES, shipped.CLASSES | made.CLASSES
USUAL = ("linear", "forest", "boosting")
MARK = "<!-- what follows is written by benchmarks/tabular.py -->"
STORE = Path(__file__).parent / "results" / "tabular.json"
TOO_LONG = {("GAM", "wide"), ("GAM", "spectra"), ("GAM", "digits"), ("EBM", "digits"), ("EBM", "wide")}
"""Minutes to hours a fold."""


def folds(table: str) -> list[tuple[np.ndarray, np.ndarray]]:
    data = (VALUES | CLASSES)[table]()
    cut = KFold if table in VALUES else StratifiedKFold
    return list(cut(5, shuffle=True, random_state=0).split(np.zeros(len(data.y)), data.y))


def one(table: str, name: str, fold: int) -> dict[str, float]:
    """One fold of one model on one table."""
    data = (VALUES | CLASSES)[table]()
    train, test = folds(table)[fold]
    (x, y), (new, _) = data.take(train), data.take(test)
    model = fresh(name, table in VALUES, y.ndim > 1)
    started = time.process_time()
    model.fit(x, y)
    found = {"seconds": time.process_time() - started}
    truth = data.judged_by[test]
    if table in VALUES:
        gap = np.square(model.predict(new) - truth).mean(0)
        middle = data.judged_by[train].mean(0)
        return found | {"loss": float(np.mean(gap / np.square(truth - middle).mean(0)))}
    shares = np.clip(model.predict_proba(new), 1e-6, 1)
    shares = shares / shares.sum(1, keepdims=True)
    places = np.searchsorted(model.classes_, truth)
    found["loss"] = float(-np.log(shares[np.arange(len(test)), places]).mean())
    return found | {"wrong": float(np.mean(model.classes_[shares.argmax(1)] != truth))}


def measure(models: list[str], tables: list[str], again: bool) -> None:
    if again:
        kept = kept_results()
        for table in tables:
            for name in models:
                kept.get(table, {}).pop(name, None)
        keep(kept)
    for name in models:
        for table in tables:
            if (name, table) not in TOO_LONG:
                _measure_one(name, table)


def _measure_one(name: str, table: str) -> None:
    """Go on with the folds of one model on one table."""
    while True:
        found = kept_results().get(table, {}).get(name, {})
        fold = len(found.get("loss", ()))
        if fold == 5 or "error" in found:
            break
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                values: dict[str, Any] = one(table, name, fold)
            except (ValueError, np.linalg.LinAlgError, ArithmeticError) as error:
                found["error"] = f"{type(error).__name__}: {error}"[:200]
                values = {}
        for key, value in values.items():
            found.setdefault(key, []).append(value)
        kept = kept_results()  # another run may have written meanwhile
        kept.setdefault(table, {})[name] = found
        keep(kept)
    print(table, name, found.get("error") or f"{np.mean(found['loss']):.4f}", flush=True)


def kept_results() -> dict[str, Any]:
    STORE.parent.mkdir(exist_ok=True)
    return json.loads(STORE.read_text()) if STORE.exists() else {}


def keep(kept: dict[str, Any]) -> None:
    """Replace the file at once, as others may read it."""
    new = STORE.with_suffix(".new")
    new.write_text(json.dumps(kept, indent=1) + "\n")
    new.replace(STORE)


def ranks(scores: dict[str, dict[str, float]]) -> dict[str, list[float]]:
    """Rank of each model on each table, 1 the best; equal scores share a rank, failures come last (infinite)."""
    found: dict[str, list[float]] = {name: [] for name in MODELS}
    for row in scores.values():
        for name, value in row.items():
            better = sum(other < value for other in row.values())
            equal = sum(other == value for other in row.values())
            found[name].append(better + (equal + 1) / 2)
    return found


def behind(row: dict[str, float]) -> float:
    """Loss of ours over that of the best of the usual ones, less 1; not a number where either is not known."""
    usual = [row[name] for name in USUAL if name in row]
    return row["KAN"] / min(usual) - 1 if usual and "KAN" in row else float("nan")


def tables_of(kept: dict[str, Any]) -> str:
    """What was measured, as tables in Markdown."""
    lines = []
    for title, key, tables in (
        ("Loss of values: variance left unexplained", "loss", list(VALUES)),
        ("Loss of classes: log loss", "loss", list(CLASSES)),
        ("Share of wrong classes", "wrong", list(CLASSES)),
        ("Seconds of processor time to fit", "seconds", [*VALUES, *CLASSES]),
    ):
        scores = {
            table: {n: np.inf if "error" in r else float(np.mean(r[key])) for n, r in kept[table].items()}
            for table in tables
            if table in kept
        }
        last = "behind |" if key == "loss" else ""
        lines += [f"\n## {title}\n", f"| table | rows x columns | {' | '.join(MODELS)} | {last}"]
        lines.append("|" + "---|" * (len(MODELS) + 2 + bool(last)))
        for table, row in scores.items():
            cells = [_cell(row.get(name), min(row.values())) for name in MODELS]
            if last:
                cells.append(f"{behind(row):+.0%}")
            lines.append(f"| {table} | {_size(table)} | {' | '.join(cells)} |")
        if key != "seconds":
            for label, statistic in (("median rank", np.median), ("mean rank", np.mean)):
                found = [f"{statistic(r):.1f}" if r else "" for r in ranks(scores).values()]
                lines.append(f"| {label} | | {' | '.join(found)} |{' |' if last else ''}")
    return "\n".join(lines) + "\n"


def _size(table: str) -> str:
    data = (VALUES | CLASSES)[table]()
    return f"{len(data.y)} x {data.x.shape[1]}"


def _cell(value: float | None, best: float) -> str:
    if value is None:
        return "not measured"
    if value == np.inf:
        return "failed"
    text = f"{value:.3g}" if value < 100 else f"{value:.0f}"
    return f"**{text}**" if value == best else text


def write(page: Path, text: str) -> None:
    """Put the tables into a page, in place of those behind its mark."""
    before, mark, _ = page.read_text("utf-8").partition(MARK)
    page.write_text(before.rstrip("\n") + f"\n\n{mark or MARK}\n{text}", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", default=MODELS, choices=MODELS)
    parser.add_argument("--tables", nargs="+", default=[*VALUES, *CLASSES], choices=[*VALUES, *CLASSES])
    parser.add_argument("--again", action="store_true", help="forget what these models did on these tables")
    parser.add_argument("--page", type=Path, help="page to put the tables into")
    parser.add_argument("--print", action="store_true", dest="printed")
    given = parser.parse_args()
    if not given.printed:
        measure(given.only, given.tables, given.again)
    kept = kept_results()
    text = tables_of({table: kept[table] for table in given.tables if table in kept})
    print(text)
    if given.page:
        write(given.page, text)


if __name__ == "__main__":
    main()
