"""A judgement in one line."""

from __future__ import annotations

import pytest

from edgewise.explain.symbolic.verdict import Judgement


def test_the_line_has_the_word_first():
    found = Judgement(
        error=0.0, r2=1.0, model_error=0.0, train_rmse=None, test_rmse=None, loss_ratio=None, noise=None,
        verdict="exact", reason="equals the model",
    )  # fmt: skip
    assert found.line() == "exact: equals the model"
    with pytest.raises(AttributeError):
        found.verdict = "undefined"
