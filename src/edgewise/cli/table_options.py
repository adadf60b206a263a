"""Options of all commands that read a table: how it is to be read where that is not to be found out."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from ..errors import InputError
from .console import WrongUse
from .read_options import ReadOptions, kinds_from

Table = Annotated[
    Path,
    typer.Argument(
        help="CSV, JSON lines, Excel or Parquet file, one row a sample; - for standard input. Empty cells are allowed."
    ),
]
_PANEL = "How the table is read (found out where left out)"


def _option(*names: str, **settings: Any) -> Any:
    return typer.Option(*names, rich_help_panel=_PANEL, **settings)


_READING: dict[str, Any] = {
    "sep": Annotated[str | None, _option("--sep", help="What separates cells, or tab, space.")],
    "decimal": Annotated[str | None, _option("--decimal", help="Decimal mark: . or ,")],
    "encoding": Annotated[str | None, _option("--encoding", help="Such as utf-8, cp1252, utf-16.")],
    "sheet": Annotated[str | None, _option("--sheet", help="Sheet of a workbook: its name, or its number.")],
    "missing": Annotated[
        list[str] | None, _option("--missing", help="Entry that is a gap, as -999; may be given again.")
    ],
    "header": Annotated[
        bool | None, _option("--header/--no-header", help="Whether names stand above the rows.")
    ],
}
_KINDS: dict[str, Any] = {
    "kind": Annotated[
        list[str] | None,
        _option(
            "--kind",
            metavar="COLUMN=KIND",
            help="number, text, date, date:%d/%m/%Y, time, bool or skip; may be given again.",
        ),
    ],
    "categories": Annotated[
        list[str] | None, _option("--categories", help="Columns whose numbers are names of groups: a,b.")
    ],
}


def reads_a_table(command: Callable[..., None], *, kinds: bool = True) -> Callable[..., None]:
    """A command with the options of how a table is read, which it gets as one, `reading`.

    Args:
        command: Has an argument `reading`, a mapping for `read_options`.
        kinds: Whether the user may say what columns hold; where a model is used, it is known.

    Example:
        >>> def show(reading):
        ...     print(reading["sep"])
        >>> reads_a_table(show)(sep=";")
        ;
    """
    return with_options(command, "reading", {**_READING, **(_KINDS if kinds else {})})


def with_options(
    command: Callable[..., None], argument: str, added: Mapping[str, Any]
) -> Callable[..., None]:
    """A command with more options, which it gets as one mapping.

    Args:
        command: Has such an argument.
        argument: Its name.
        added: The options' annotations, by name.
    """

    @functools.wraps(command)
    def call(**given: Any) -> None:
        command(**{argument: {name: given.pop(name, None) for name in added}}, **given)

    hints = get_type_hints(command, include_extras=True)
    own = [
        one.replace(annotation=hints.get(name, Any))
        for name, one in inspect.signature(command).parameters.items()
        if name != argument
    ]
    more = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=hint)
        for name, hint in added.items()
    ]
    call.__signature__ = inspect.Signature([*own, *more])  # type: ignore[attr-defined]
    call.__annotations__ = {one.name: one.annotation for one in (*own, *more)}
    return call


def read_options(
    *,
    sep: str | None = None,
    decimal: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    missing: list[str] | None = None,
    header: bool | None = None,
    kind: list[str] | None = None,
    categories: list[str] | None = None,
) -> ReadOptions:
    """The options as one, checked.

    Args:
        sep: As --sep.
        decimal: As --decimal.
        encoding: As --encoding.
        sheet: As --sheet.
        missing: As --missing.
        header: As --header.
        kind: As --kind.
        categories: As --categories.

    Raises:
        WrongUse: one has a value that it cannot have.

    Example:
        >>> read_options(sep="tab", kind=["zip=text"]).kinds
        {'zip': 'text'}
    """
    try:
        kinds = kinds_from(kind or [], categories or [])
        return ReadOptions(sep, decimal, encoding, sheet, tuple(missing or ()), header, kinds)
    except InputError as error:
        raise WrongUse(str(error)) from error
