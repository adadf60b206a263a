"""A table of mixed columns, and what a fit of it leaves behind."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from edgewise.cli.app import app


def mixed(rows, seed=0):
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "width": random.uniform(1, 3, rows),
            "height": random.uniform(0, 10, rows),
            "colour": random.choice(["red", "blue"], rows),
            "key": [f"k{seed}-{row}" for row in range(rows)],
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 300, rows), "D"),
            "one": 1,
        }
    )
    frame["price"] = frame["width"] ** 2 + 3.0 * (frame["colour"] == "red")
    frame.loc[::9, "height"] = np.nan
    return frame


@pytest.fixture(scope="session")
def table():
    return mixed


@pytest.fixture(scope="session")
def run():
    def call(*arguments):
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    return call


@pytest.fixture(scope="session")
def fitted(tmp_path_factory, run):
    folder = tmp_path_factory.mktemp("fit")
    mixed(150).to_csv(folder / "data.csv", index=False)
    result = run(
        "fit", folder / "data.csv", "--target", "price", "--hidden", 0, "--json", "-o", folder / "out"
    )
    assert result.exit_code == 0, result.output
    return folder / "out", json.loads(result.stdout)
