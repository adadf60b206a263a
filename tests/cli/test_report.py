from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from edgewise.cli.folds import Folds, over_folds
from edgewise.cli.report import score_table, write_report
from edgewise.cli.summary import summarise
from edgewise.cli.tables import RawTable, prepare
from edgewise.cli.workflow import Choices, run_workflow
from edgewise.plots import plot_prediction

# The commands say what estimators warn of in notes.
pytestmark = pytest.mark.filterwarnings("ignore::edgewise.errors.TableWarning")

SECTIONS = ["good", "matters", "how", "interactions", "rows", "data", "formula"]
VOID = {"meta", "img", "br"}


class Page(HTMLParser):
    """Sections, headings, images and texts of a page; fails where tags do not close as they opened."""

    def __init__(self, text):
        super().__init__()
        self.open, self.sections, self.headings, self.images, self.text, self.tags = [], [], [], [], "", set()
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.tags.add(tag)
        if tag == "section":
            self.sections.append(found["id"])
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "img":
            self.images.append(found)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.text += data


def page_of(frame, test=0.25, symbolic=False, target="y", **settings):
    prepared = prepare(RawTable(frame, ()), target)
    run = run_workflow(prepared, Choices(test, 0, symbolic, {"hidden": 0, **settings}))
    text = write_report(run, summarise(run, target), over_folds(run))
    page = Page(text)
    assert page.sections == SECTIONS
    assert page.headings[0] == 1 and all(
        b - a <= 1 for a, b in zip(page.headings, page.headings[1:], strict=False)
    )
    assert all(image["alt"] and image["src"].startswith("data:") for image in page.images)
    assert not re.search(r"\b(?:nan|inf|None|np\.\w+)\b", page.text)
    assert "script" not in page.tags and len(text) < 1.5e6
    return text, page


def mixed(rows=160, seed=0):
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "area": random.uniform(20, 200, rows),
            "day": pd.Timestamp("2019-01-01") + pd.to_timedelta(random.integers(0, 1400, rows), "D"),
            "city": random.choice(["Bern", "Zug"], rows),
        }
    )
    frame.loc[::9, "area"] = np.nan
    frame["y"] = 2 * frame["area"].fillna(100) + 80 * (frame["city"] == "Bern") + random.normal(size=rows)
    return frame


def test_a_page_in_its_order_and_the_same_page_again():
    prepared = prepare(RawTable(mixed(), ()), "y")
    run = run_workflow(prepared, Choices(0.25, 0, True, {"hidden": 0}))
    text, again = (write_report(run, summarise(run, "y"), over_folds(run)) for _ in range(2))
    assert text == again
    page = Page(text)
    assert page.sections == SECTIONS
    for said in ("held out (95 % interval)", "5 folds (95 % interval)", "without any column", "[city = Zug]",
                 "the column area, in its own units", "Missing in 1", "Verdict: ", " 2019 to "):  # fmt: skip
        assert said in page.text.replace("\n", " "), said
    assert text.startswith("<!doctype html>") and '<html lang="en">' in text
    assert not re.findall(r'(?:src|href)="(?!data:|#)', text)


def test_names_and_levels_cannot_write_into_the_page():
    frame = mixed().rename(columns={"area": "<script>alert(1)</script>", "city": '"><img src=x onerror=y>'})
    frame = frame.rename(columns={"y": "</title><b>$y$&amp;"})
    frame['"><img src=x onerror=y>'] = frame['"><img src=x onerror=y>'].replace(
        "Zug", "{{ 7 * 7 }}<b>bold</b>"
    )
    text, page = page_of(frame, target="</title><b>$y$&amp;", symbolic=True)
    assert "<b>" not in text and "<script" not in text and "onerror" not in re.findall(r"<[^>]*>", text)
    assert {image["src"][:5] for image in page.images} == {"data:"} and "{{ 7 * 7 }}<b>bold</b>" in page.text
    assert "</title><b>$y$&amp;, predicted from 3 columns" in page.text


@pytest.mark.parametrize("classes", [2, 3])
def test_of_classes_roc_calibration_and_confusion(classes):
    frame = mixed(150)
    frame["y"] = pd.qcut(frame["y"], classes, labels=["low", "<mid>", "high"][:classes]).astype(str)
    text, page = page_of(frame)
    said = page.text.replace("\n", " ")
    assert "ROC curve" in said and "Calibration" in said and "predicted low" in said and "log-odds" in said
    assert (text.count('class="legend"') == 1) == (classes == 3)


def test_with_a_hidden_level_maps_of_pairs_and_partial_dependence():
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.uniform(-1, 1, (200, 2)), columns=["a", "b"])
    _, page = page_of(frame.assign(y=3 * frame["a"] * frame["b"]), hidden=3, max_iter=2, smoothness=1e-3)
    assert any(image["alt"].startswith("Map of") for image in page.images)
    assert "partial dependence" in page.text and "Shapley values" in page.text


EMPTY = {
    "one column": pd.DataFrame({"x": np.arange(40.0), "y": np.arange(40.0) ** 2}),
    "a constant target": pd.DataFrame({"x": np.arange(40.0), "y": 2.0}),
    "few rows": mixed(12),
    "text only": pd.DataFrame({"t": ["a", "b", "c", "d"] * 10, "y": ["u", "v", "u", "v"] * 10}),
    "a rare class": mixed(40).assign(y=["rare"] + ["usual"] * 39),
    "a wild value": mixed(80).assign(area=[1e9] + [1.0, 2.0, 3.0] * 26 + [4.0]),
}


@pytest.mark.parametrize("case", EMPTY)
def test_where_there_is_little_to_tell(case):
    test = 0.0 if case in ("a rare class", "few rows") else 0.25
    if case == "a constant target":
        prepared = prepare(RawTable(EMPTY[case], ()), "y", task="values")
        run = run_workflow(prepared, Choices(test, 0, True, {"hidden": 0}))
        page = Page(write_report(run, summarise(run, "y"), over_folds(run)))
        assert page.sections == SECTIONS and "No column moves the predictions" in page.text
    else:
        page_of(EMPTY[case], test=test)


def test_why_there_is_no_formula_is_said():
    _, page = page_of(mixed(60))
    assert "There is no formula: none was looked for: --no-symbolic" in page.text


def test_pictures_for_python_show_the_rows_of_the_page():
    prepared = prepare(RawTable(mixed(), ()), "y")
    run = run_workflow(prepared, Choices(0.25, 0, False, {"hidden": 0}))
    page = Page(write_report(run, summarise(run, "y"), Folds(reason="too few rows")))
    row = int(re.findall(r"Lowest prediction[^:]*: row (\d+)", page.text)[0]) - 1
    labels = plot_prediction(run.estimator, prepared.inputs.iloc[[row]]).axes[0].get_yticklabels()
    assert all(label.get_text() in page.text for label in labels[1:-1] if "day" not in label.get_text())


def summary(**scores):
    return {"scores": {"train": {"rmse": 1.0}, "held_out": {}, "baseline": {}, **scores}, "formula": None}


def test_what_was_not_measured_has_no_column():
    assert score_table(summary()) == (["", "training"], [["rmse", "1"]])


def test_every_score_has_a_row_and_gaps_where_it_was_not_measured():
    found = summary(
        train={"rmse": 1.0, "r2": 0.5}, held_out={"rmse": 2.0, "r2": 0.25}, baseline={"rmse": 3.0}
    )
    found["formula"] = {"held_out": {"rmse": 2.5, "r2": 0.1}}
    heads, rows = score_table(found)
    assert heads == ["", "training", "held out", "without inputs", "formula, held out"]
    assert rows == [["rmse", "1", "2", "3", "2.5"], ["r2", "0.5", "0.25", "", "0.1"]]


def test_intervals_stand_beside_what_was_held_out():
    found = summary(train={"rmse": 1.0}, held_out={"rmse": 2.0, "quantile_loss": 0.5})
    found["intervals"] = {"rmse": [1.5, 2.5]}
    heads, rows = score_table(found)
    assert heads == ["", "training", "held out (95 % interval)"]
    assert rows == [["rmse", "1", "2 (1.5 to 2.5)"], ["quantile loss", "", "0.5"]]


@pytest.mark.parametrize(
    ("loss", "said"),
    [({"loss": "quantile", "quantile": 0.9}, "what 90 % of targets are below"), ({"loss": "poisson"}, "Parts of the columns multiply"),
     ({"loss": "absolute_error"}, "its median")],
)  # fmt: skip
def test_other_losses_are_told_for_what_they_are(loss, said):
    frame = mixed(100)
    frame["y"] = frame["y"].clip(lower=0.0).round()
    _, page = page_of(frame, **loss, max_iter=3)
    assert said in page.text and "95 % interval, by the curvature" not in page.text
