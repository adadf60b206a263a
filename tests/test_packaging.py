"""The sdist and the wheel hold what git tracks of the package, and what a build needs: no more, no less."""

from __future__ import annotations

import runpy
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).parent.parent
SCRIPT = ROOT / "tests" / "listing.py"
listing = SimpleNamespace(**runpy.run_path(str(SCRIPT)))
# The hooks that pip and build call; no compiler is started, so that the wheel lacks the compiled part.
BUILD = """
from scikit_build_core import build
build.build_sdist("dist")
build.build_wheel("dist", {"wheel.cmake": "false"})
"""
# What lies about in a folder that is worked in, and must not be shipped.
STRAY = (
    ".venv/lib/stray.py", "build/stray.cpp", "demo-output/stray.png", "benchmarks/results/stray.json",
    "src/edgewise/__pycache__/kan.cpython-311.pyc", "src/edgewise/edges/_native.cpython-311.so",
)  # fmt: skip


@pytest.fixture(scope="module")
def tracked():
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("needs a git checkout")
    return [file for file in listing.tracked(ROOT) if (ROOT / file).exists()]


@pytest.fixture(scope="module")
def built(tracked, tmp_path_factory):
    """An sdist and a wheel of the tracked files, built where other files lie about."""
    pytest.importorskip("scikit_build_core")
    folder = tmp_path_factory.mktemp("source")
    for file in (*tracked, *STRAY):
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        if file in STRAY:
            (folder / file).write_text("stray", "utf-8")
        else:
            shutil.copyfile(ROOT / file, folder / file)
    subprocess.run([sys.executable, "-c", BUILD], cwd=folder, capture_output=True, text=True, check=True)
    return {archive.suffix: archive for archive in (folder / "dist").iterdir()}


@pytest.mark.parametrize("kind", [".gz", ".whl"])
def test_an_archive_holds_what_git_tracks_and_no_more(built, tracked, kind):
    assert list(listing.faults(built[kind], tracked)) == []


@pytest.mark.parametrize("kind", [".gz", ".whl"])
def test_a_file_that_an_archive_lacks_is_named(built, tracked, kind):
    missing = "src/edgewise/missing.py"
    (line,) = listing.faults(built[kind], [*tracked, missing])
    assert line == f"{built[kind].name} lacks {missing.removeprefix('' if kind == '.gz' else 'src/')}"


@pytest.mark.parametrize("stray", ["tests/test_kan.py", "src/edgewise/stray.py", "notes.txt"])
def test_a_file_in_the_sdist_that_should_not_be_there_is_named(built, tracked, tmp_path, stray):
    archive = tmp_path / built[".gz"].name
    with tarfile.open(built[".gz"]) as before, tarfile.open(archive, "w:gz") as after:
        for member in before:
            after.addfile(member, before.extractfile(member))
        after.addfile(tarfile.TarInfo(f"{archive.name.removesuffix('.tar.gz')}/{stray}"))
    (line,) = listing.faults(archive, tracked)
    assert line == f"{archive.name} holds {stray}, which git does not track or no build needs"
    script = subprocess.run([sys.executable, SCRIPT, archive], capture_output=True, text=True)
    assert script.returncode == 1 and line in script.stderr


def test_the_script_ends_well_where_there_is_nothing_to_say(tracked):
    assert subprocess.run([sys.executable, SCRIPT]).returncode == 0


@pytest.mark.parametrize("stray", ["tests/test_kan.py", "edgewise/stray.py", "edgewise/edges/stray.so"])
def test_a_file_in_the_wheel_that_should_not_be_there_is_named(built, tracked, tmp_path, stray):
    archive = Path(shutil.copy(built[".whl"], tmp_path))
    with zipfile.ZipFile(archive, "a") as content:
        content.writestr(stray, "")
        content.writestr(
            "edgewise/edges/_native.cpython-311-x86_64-linux-gnu.so", ""
        )  # this one may be there
    (line,) = listing.faults(archive, tracked)
    assert line == f"{archive.name} holds {stray}, which git does not track or no build needs"
