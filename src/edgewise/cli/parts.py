"""What the commands call, imported when it is first called: `--help` need not wait for torch, pandas and scikit-learn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import lazy_names

if TYPE_CHECKING:
    from ..discovery import plain_name as plain_name
    from ..estimators import compare as compare
    from ..network import load as load
    from .encoding_code import input_lines as input_lines
    from .encoding_code import output_line as output_line
    from .exported_file import write_exported as write_exported
    from .folds import over_folds as over_folds
    from .formula_files import described_discovery as described_discovery
    from .formula_files import files_of as files_of
    from .formula_files import write_formula as write_formula
    from .law_search import Asked as Asked
    from .law_search import Readied as Readied
    from .model_folder import read_model as read_model
    from .model_folder import write_model as write_model
    from .model_folder import write_text as write_text
    from .pictures import network_picture as network_picture
    from .predictions import beside_originals as beside_originals
    from .predictions import checked_target as checked_target
    from .predictions import records as records
    from .predictions import write_table as write_table
    from .ranking import described as described
    from .ranking import ranking_table as ranking_table
    from .ranking import verdict as verdict
    from .report import formula_lines as formula_lines
    from .report import score_table as score_table
    from .report import write_report as write_report
    from .summary import summarise as summarise
    from .tables import prepare as prepare
    from .tables import read_table as read_table
    from .tables import some_rows as some_rows
    from .workflow import Choices as Choices
    from .workflow import run_workflow as run_workflow

__getattr__ = lazy_names(
    "edgewise",
    {
        "Asked": "cli.law_search",
        "Choices": "cli.workflow",
        "Readied": "cli.law_search",
        "beside_originals": "cli.predictions",
        "checked_target": "cli.predictions",
        "compare": "estimators",
        "described_discovery": "cli.formula_files",
        "files_of": "cli.formula_files",
        "plain_name": "discovery",
        "write_formula": "cli.formula_files",
        "described": "cli.ranking",
        "formula_lines": "cli.report",
        "ranking_table": "cli.ranking",
        "records": "cli.predictions",
        "some_rows": "cli.tables",
        "verdict": "cli.ranking",
        "input_lines": "cli.encoding_code",
        "load": "network",
        "network_picture": "cli.pictures",
        "over_folds": "cli.folds",
        "output_line": "cli.encoding_code",
        "prepare": "cli.tables",
        "read_model": "cli.model_folder",
        "read_table": "cli.tables",
        "run_workflow": "cli.workflow",
        "score_table": "cli.report",
        "summarise": "cli.summary",
        "write_exported": "cli.exported_file",
        "write_model": "cli.model_folder",
        "write_report": "cli.report",
        "write_table": "cli.predictions",
        "write_text": "cli.model_folder",
    },
)
