"""How Sphinx builds the documentation; `make docs` runs it."""

from __future__ import annotations

import re
from typing import Any

from docutils.nodes import SkipNode
from latex2mathml.converter import convert

import edgewise

project = "edgewise"
project_copyright = "The edgewise authors"
author = "The edgewise authors"
version = release = edgewise.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3

autodoc_typehints = "none"  # signatures stay short: the docstring says what an argument is
autodoc_member_order = "bysource"
autodoc_default_options = {
    "members": True,
    # Set by scikit-learn, whose docstrings refer to its own pages.
    "exclude-members": "set_fit_request, set_partial_fit_request, set_predict_request, set_score_request",
}
default_role = "py:obj"  # `edgewise.fit` in a docstring is a link
add_module_names = False
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True
napoleon_custom_sections = [("Source", "notes_style"), ("Cost", "notes_style")]

# Every reference to edgewise is checked; those to other projects would need their inventories, from the network.
nitpicky = True
nitpick_ignore_regex = [
    ("py:.*", r"(?!edgewise\.).*"),
    ("py:.*", r"edgewise\..*\.(Model|Suggestion|columns|Scene(Node|Edge|Text)|Symbol)"),
]

suppress_warnings = ["myst.header"]  # measured tables stand below a title of their own level

html_theme = "furo"
html_math_renderer = "mathml"  # browsers draw it by themselves: pages need no script, and no network
html_title = "edgewise"
html_show_sphinx = False
html_copy_source = False


def escape(app: Any, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Docstrings are plain text: bars and final underscores in them are meant as they stand."""
    for place, line in enumerate(lines):
        if not line.lstrip().startswith((">>>", "...")):
            lines[place] = re.sub(r"(\||(?<=\w)_(?!\w))", r"\\\1", line)


def inline_formula(translator: Any, node: Any) -> None:
    """A formula in a line of text."""
    translator.body.append(convert(node.astext()))
    raise SkipNode


def formula(translator: Any, node: Any) -> None:
    """A formula on lines of its own."""
    translator.body.append(f'<div style="padding: 0.4em 0">{convert(node.astext(), display="block")}</div>')
    raise SkipNode


def setup(app: Any) -> None:
    """Called by Sphinx."""
    app.add_html_math_renderer("mathml", (inline_formula, None), (formula, None))
    app.connect("autodoc-process-docstring", escape, priority=100)
