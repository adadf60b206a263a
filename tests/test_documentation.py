"""Every Python block of README.md and docs/ runs, in order, page by page."""

from __future__ import annotations

import doctest
import importlib
import inspect
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [page for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))] if page.exists()]
BLOCK = re.compile(r"^```(?:python|py|pycon)\n(.*?)^```", re.MULTILINE | re.DOTALL)
TOCTREE = re.compile(r"^```\{toctree\}\n(.*?)^```", re.MULTILINE | re.DOTALL)
ENTRY = re.compile(r"^\.\. (?:auto\w+|py:data):: (edgewise\.\S+)", re.MULTILINE)
PARTS = "datasets edges errors estimators explain exports functions layers network optim pde plots spline testing train"
OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def blocks(page: Path) -> list[tuple[int, str]]:
    """The first line and the source of each Python block."""
    text = page.read_text("utf-8")
    return [(text.count("\n", 0, found.start(1)), found[1]) for found in BLOCK.finditer(text)]


def run(block: str, line: int, page: Path, names: dict[str, object]) -> None:
    """Run a block, and compare what it prints where it is written as a session."""
    if not re.search(r"^\s*>>> ", block, re.MULTILINE):
        exec(compile("\n" * line + block, str(page), "exec"), names)
        return
    session = doctest.DocTestParser().get_doctest(block, names, page.name, str(page), line)
    report: list[str] = []
    runner = doctest.DocTestRunner(optionflags=OPTIONS)
    runner.run(session, out=report.append, clear_globs=False)
    names.update(session.globs)
    assert runner.failures == 0, "".join(report)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_blocks_of_the_page_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "__main__"}
    for line, block in blocks(page):
        run(block, line, page, names)


def test_links_between_the_pages_hold():
    for page in [*PAGES, ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]:
        prose = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", prose):
            assert (page.parent / target).exists(), f"{page.name} links to {target}, which does not exist"


def test_every_page_has_its_place_in_the_contents():
    listed = set()
    for page in PAGES:
        for tree in TOCTREE.findall(page.read_text("utf-8")):
            for entry in filter(None, tree.splitlines()):
                if not entry.startswith(":"):
                    listed |= set(page.parent.glob(f"{entry}.md"))
    docs = {page for page in PAGES if page.parent != ROOT}
    missing = sorted(page.relative_to(ROOT).as_posix() for page in docs - listed - {ROOT / "docs/index.md"})
    assert not missing, f"in no toctree; add them to one of docs/index.md: {', '.join(missing)}"


def public_names(package: ModuleType) -> list[str]:
    """Names that a package gives away: those of its `__all__`, or what it defines itself."""
    listed = getattr(package, "__all__", None)
    return [
        name
        for name, value in vars(package).items()
        if not name.startswith("_")
        and (listed is None or name in listed)
        and not inspect.ismodule(value)
        and re.match(r"edgewise\.(?!_)", getattr(value, "__module__", ""))
    ]


def test_the_reference_has_every_public_name():
    written = {
        name for page in (ROOT / "docs/reference").glob("*.md") for name in ENTRY.findall(page.read_text())
    }
    short = {name.rpartition(".")[2] for name in written}
    packages = [importlib.import_module("edgewise")]
    packages += [importlib.import_module(f"edgewise.{part}") for part in PARTS.split()]
    missing = {
        f"{package.__name__}.{name}"
        for package in packages
        for name in public_names(package)
        if name not in short
    }
    assert not missing, f"in no page of docs/reference: {', '.join(sorted(missing))}"
    for name in written:
        package, _, last = name.rpartition(".")
        assert hasattr(importlib.import_module(package), last), f"docs/reference: there is no {name}"


def test_a_wrong_block_is_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# Page\n\n```python\nx = 2\n```\n\n```python\n>>> x\n3\n```\n")
    (first, set_x), (second, show_x) = blocks(page)
    names: dict[str, object] = {}
    run(set_x, first, page, names)
    with pytest.raises(AssertionError, match=r"Expected:\s+3\s+Got:\s+2"):
        run(show_x, second, page, names)
