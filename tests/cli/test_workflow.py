from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import sympy

from edgewise.cli.folds import Folds
from edgewise.cli.report import write_report
from edgewise.cli.summary import diagnose, named_equations, summarise
from edgewise.cli.tables import RawTable, prepare
from edgewise.cli.workflow import Choices, run_workflow
from edgewise.events import listen


def workflow(frame, test=0.3, symbolic=False, **settings):
    prepared = prepare(RawTable(frame, ()), "y")
    return run_workflow(prepared, Choices(test, 0, symbolic, {"hidden": 0, **settings}))


def sums(count=300):
    x = np.linspace(0, 1, count)
    return pd.DataFrame({"a": x, "b": np.cos(40 * x), "noise": np.sin(999 * x), "y": x**2 + np.cos(40 * x)})


@pytest.fixture(scope="module")
def done():
    return workflow(sums(), symbolic=True)


def test_rows_are_trained_on_or_set_aside(done):
    assert sorted([*done.train, *done.test]) == list(range(300)) and len(done.test) == 90
    assert done.test_scores["r2"] > 0.99 and done.baseline["rmse"] > 10 * done.test_scores["rmse"]


def test_what_does_not_matter_is_pruned_and_said(done):
    assert done.model.names == ("a", "b") or list(done.model.names) == ["a", "b"]
    assert "2 of 3 encoded columns are read" in done.pruned
    assert done.estimator.feature_importances_[2] == 0


def test_the_formula_is_measured_on_rows_it_never_saw(done):
    assert done.formula is not None and done.formula_scores["r2"] > 0.9


def test_without_rows_set_aside_nothing_is_said_about_new_ones():
    done = workflow(sums(60), test=0.0)
    assert done.test_scores == {} == done.baseline and len(done.test) == 0
    advice = [entry["advice"] for entry in summarise(done, "y")["diagnostics"]]
    assert any(text.endswith("Try --test 0.2.") for text in advice)


def test_classes_are_measured_as_classes():
    frame = sums(120)
    frame["y"] = np.where(frame["y"] > frame["y"].median(), "high", "low")
    done = workflow(frame)
    assert set(done.test_scores) == {"accuracy", "balanced_accuracy", "log_loss", "calibration_error", "auc"}
    assert set(done.baseline) == {"accuracy", "log_loss"} and done.test_scores["auc"] > 0.95
    told = summarise(done, "y")
    assert sum(map(sum, told["confusion"])) == len(done.test) and told["classes"] == ["high", "low"]
    assert sum(group["rows"] for group in told["calibration"]) == len(done.test)
    low, high = told["intervals"]["accuracy"]
    assert low <= done.test_scores["accuracy"] <= high


def test_weights_count_in_training_and_in_scores():
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"x": np.tile([0.0, 1.0], 100), "w": np.where(np.arange(200) % 4 < 2, 3.0, 1.0)})
    frame["y"] = np.where(frame["w"] == 3, 10.0, 20.0) + random.normal(scale=0.01, size=200)
    prepared = prepare(RawTable(frame, ()), "y", weights="w")
    assert list(prepared.inputs) == ["x"]
    done = run_workflow(prepared, Choices(0.2, 0, False, {"hidden": 0}))
    assert done.estimator.predict(prepared.inputs).mean() == pytest.approx(12.5, abs=0.5)
    assert done.test_scores["rmse"] == pytest.approx(done.baseline["rmse"], rel=0.05)


def test_noise_is_called_noise():
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"a": random.normal(size=300), "y": random.normal(size=300)})
    assert "no signal" in [found.cause for found in diagnose(workflow(frame))]


def test_columns_that_say_the_same_are_found():
    x = np.random.default_rng(0).normal(size=400)
    done = workflow(pd.DataFrame({"a": x, "b": x * 2 + 1, "y": x}))
    assert "collinearity" in [found.cause for found in diagnose(done)]


def test_it_tells_what_it_does():
    heard = []
    with listen(heard.append):
        workflow(sums(60))
    texts = [event.text for event in heard if event.kind == "message"]
    assert [text for text in texts if text in ("pruning", "measuring")] == ["pruning", "measuring"]
    assert "additive network, 42 samples" in texts


def test_the_report_is_one_page_without_other_files(done):
    summary = summarise(done, "y <b>")
    page = write_report(done, summary, Folds(reason="none were made"))
    assert page.startswith("<!doctype html>") and "http" not in page
    assert "y &lt;b&gt;" in page and "<b>" not in page
    assert all(entry["name"].replace("'", "&#39;") in page for entry in summary["diagnostics"])


@pytest.mark.parametrize("offset", [0, 1950, 1e5, -3e6])
def test_the_error_that_is_said_is_that_of_the_formula_that_is_shown(offset):
    random = np.random.default_rng(0)
    x = random.uniform(0, 60, 200)
    frame = pd.DataFrame({"year": x + offset, "y": 0.5 * x**2 - 20 * x + random.normal(scale=5, size=200)})
    done = workflow(frame, symbolic=True)
    told = summarise(done, "y")["formula"]
    assert told["text"].startswith("y = ")
    if told["splines"]:
        return
    shown = sympy.lambdify("year", sympy.sympify(told["text"].partition(" = ")[2]), "numpy")
    rows = frame.iloc[done.test]
    rmse = float(np.sqrt(np.mean((shown(rows["year"].to_numpy()) - rows["y"].to_numpy()) ** 2)))
    assert rmse == pytest.approx(told["held_out"]["rmse"], rel=1e-3)
    assert rmse < 1.2 * done.test_scores["rmse"]


@pytest.mark.parametrize(
    ("classes", "named"),
    [
        ((), "price = 2*x"),
        (("low", "high"), "log-odds of price being high = 2*x"),
    ],
)
def test_a_formula_names_its_target(classes, named):
    assert named_equations("y = 2*x", "price", classes) == named


def test_formulas_of_several_classes_name_each():
    assert named_equations("y_1 = x\ny_2 = 2*x\ny_3 = 3", "kind", ("a", "b", "c")).split("\n") == [
        "logit of kind being a = x", "logit of kind being b = 2*x", "logit of kind being c = 3"
    ]  # fmt: skip


def test_why_there_is_no_formula_is_known():
    assert "--no-symbolic" in workflow(sums(60), symbolic=False).no_formula
    random = np.random.default_rng(0)
    wide = pd.DataFrame(random.normal(size=(150, 90)), columns=[f"c{n}" for n in range(90)])
    wide["y"] = wide.to_numpy() @ np.ones(90)
    assert "90 edges are too many" in workflow(wide, symbolic=True).no_formula
