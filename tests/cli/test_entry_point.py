from __future__ import annotations

import subprocess
import sys

import pytest


def test_the_module_is_the_command_line_and_help_teaches():
    run = subprocess.run(
        [sys.executable, "-m", "edgewise", "--help"], capture_output=True, text=True, check=True
    )
    for word in ("fit", "explain", "predict", "info", "Exit codes"):
        assert word in run.stdout


@pytest.mark.parametrize("command", [[], ["fit"], ["predict"], ["bench"]])
def test_help_comes_without_what_takes_long_to_import(command):
    script = (
        "import sys; from typer.testing import CliRunner; from edgewise.cli.app import app; "
        f"found = CliRunner().invoke(app, {[*command, '--help']}); assert found.exit_code == 0, found.output; "
        "print(*{name.split('.')[0] for name in sys.modules})"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not {"torch", "pandas", "numpy", "sklearn", "sympy", "matplotlib"} & set(run.stdout.split())


def test_a_missing_package_names_the_extra():
    script = "import sys; sys.modules['typer'] = None; from edgewise.cli import main; main()"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert run.returncode == 2
    assert "edgewise[cli]" in run.stderr
