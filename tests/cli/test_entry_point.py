from __future__ import annotations

import subprocess
import sys


def test_the_module_is_the_command_line_and_help_teaches():
    run = subprocess.run(
        [sys.executable, "-m", "edgewise", "--help"], capture_output=True, text=True, check=True
    )
    for word in ("fit", "explain", "predict", "info", "Exit codes"):
        assert word in run.stdout


def test_a_missing_package_names_the_extra():
    script = "import sys; sys.modules['typer'] = None; from edgewise.cli import main; main()"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert run.returncode == 2
    assert "edgewise[cli]" in run.stderr
