"""What an sdist or a wheel holds, checked against the files that git tracks: python tests/listing.py dist/*"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path

PACKAGE = "src/edgewise/"
# What a build needs beside the package, and what stands beside a README.
IN_SDIST = (
    "native/*", "CMakeLists.txt", "pyproject.toml", "LICENSE", "README.md",
    "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md",
)  # fmt: skip
METADATA = ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")
COMPILED = "edgewise/edges/_native.*"


def tracked(root: Path) -> list[str]:
    """The files below `root` that git tracks."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=True)
    return [file for file in listed.stdout.split("\0") if file]


def faults(archive: Path, files: Iterable[str]) -> Iterator[str]:
    """What `archive`, an sdist or a wheel, lacks of the tracked `files` or holds beside them, a line each."""
    held, wanted = _wheel(archive, files) if archive.suffix == ".whl" else _sdist(archive, files)
    for file in sorted(wanted - held):
        yield f"{archive.name} lacks {file}"
    for file in sorted(held - wanted):
        yield f"{archive.name} holds {file}, which git does not track or no build needs"


def _sdist(archive: Path, files: Iterable[str]) -> tuple[set[str], set[str]]:
    folder = archive.name.removesuffix(".tar.gz") + "/"
    with tarfile.open(archive) as content:
        held = {name.removeprefix(folder) for name in content.getnames()}
    patterns = (f"{PACKAGE}*", *IN_SDIST)
    return held, {"PKG-INFO", *(file for file in files if any(fnmatchcase(file, one) for one in patterns))}


def _wheel(archive: Path, files: Iterable[str]) -> tuple[set[str], set[str]]:
    metadata = "-".join(archive.name.split("-")[:2]) + ".dist-info/"
    with zipfile.ZipFile(archive) as content:
        # The compiled part is missing where no compiler was found.
        held = {
            name for name in content.namelist() if not fnmatchcase(name, COMPILED) or name.endswith(".pyi")
        }
    package = {file.removeprefix("src/") for file in files if file.startswith(PACKAGE)}
    return held, package | {metadata + name for name in METADATA}


if __name__ == "__main__":
    known = tracked(Path(__file__).parent.parent)
    found = [line for name in sys.argv[1:] for line in faults(Path(name), known)]
    sys.exit("\n".join(found) or None)
