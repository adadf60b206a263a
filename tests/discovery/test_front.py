from __future__ import annotations

import sympy

from edgewise.discovery import Law
from edgewise.discovery.front import front_html, front_rows, front_text

A = sympy.Symbol("a<b")
LAWS = [
    Law(A, (A,), 0.5, 0.5, 0.6, 90.0, (), "approximation", "products"),
    Law(sum(A**n for n in range(60)), (A,), 0.1, 0.12345, 0.99, 10.0, (), "within noise", "quotients"),
]


def test_rows_are_plain_values():
    rows = front_rows(LAWS, 1)
    assert [row["chosen"] for row in rows] == [False, True]
    assert rows[0] == {
        "complexity": 1, "test_rmse": 0.5, "train_rmse": 0.5, "r2": 0.6, "bits": 90.0, "verdict": "approximation",
        "source": "products", "chosen": False, "law": "`a<b`",
    }  # fmt: skip


def test_long_laws_are_cut_where_they_are_printed_alone():
    assert all(len(line) < 230 for line in front_text(LAWS, None).splitlines())
    assert front_text(LAWS, 0).splitlines()[1].startswith("* 1 ")
    assert front_text([], None) == ""


def test_pages_are_safe():
    page = front_html(LAWS, 1)
    assert "a&lt;b" in page and "a<b" not in page
