from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from edgewise.cli.diagnostics import condition_number, diagnose
from edgewise.cli.tables import prepare
from edgewise.cli.workflow import run_workflow
from edgewise.layers import KANLayer


def story(frame):
    prepared = prepare(frame, "y", "auto", [])
    return run_workflow(prepared, test=0.3, seed=0, hidden=0, symbolic=False, log=lambda line: None)


def advice(frame):
    return " ".join(finding.advice for finding in diagnose(story(frame)))


def test_noise_is_called_noise():
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"a": random.normal(size=300), "y": random.normal(size=300)})
    assert "little or nothing" in advice(frame)


def test_a_good_fit_needs_no_advice_on_its_error():
    x = np.linspace(0, 1, 400)
    findings = diagnose(story(pd.DataFrame({"a": x, "b": np.cos(40 * x), "y": x**2})))
    assert [finding.advice for finding in findings if finding.name == "error"] == [""]


def test_columns_that_say_the_same_are_found():
    x = np.random.default_rng(0).normal(size=400)
    assert "same as others" in advice(pd.DataFrame({"a": x, "b": x * 2 + 1, "y": x}))


def test_the_condition_number_is_that_of_correlated_columns():
    h = torch.tensor(np.random.default_rng(0).multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], 20000) / 5)
    assert condition_number(KANLayer(2, 1, dtype=torch.float64), h) == pytest.approx(1.6 / 0.4, rel=0.05)
