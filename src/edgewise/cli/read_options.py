"""What a user says about a table, where it is not to be found out."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..errors import InputError, unknown_name

KINDS = ("number", "text", "date", "time", "bool", "skip")
SEPARATORS = {"tab": "\t", "\\t": "\t", "space": " ", "semicolon": ";", "comma": ",", "pipe": "|"}


@dataclass(frozen=True)
class ReadOptions:
    """How a file is to be read; None and empty where that is to be found out.

    Attributes:
        sep: Between cells; " " for any white space.
        decimal: "." or ",".
        encoding: Of the text, as Python names it.
        sheet: Of a workbook, by name or number from 1.
        missing: Texts that are gaps, in any column.
        header: Whether the first line holds the columns' names.
        kinds: By column: one of `KINDS`; dates may have a format, as in "date:%d/%m/%Y".
    """

    sep: str | None = None
    decimal: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    missing: tuple[str, ...] = ()
    header: bool | None = None
    kinds: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check what was said."""
        if self.sep is not None:
            object.__setattr__(self, "sep", SEPARATORS.get(self.sep, self.sep))
            if len(self.sep or "") != 1:
                raise InputError(f"read: --sep must be one character, or tab or space; got {self.sep!r}.")
        if self.decimal not in (None, ".", ","):
            raise InputError(f"read: --decimal must be '.' or ','; got {self.decimal!r}.")
        if self.encoding is not None:
            try:
                codecs.lookup(self.encoding)
            except LookupError:
                raise InputError(
                    f"read: --encoding must be one that Python knows; got {self.encoding!r}. Try utf-8 or cp1252."
                ) from None


def kinds_from(given: list[str], categories: list[str]) -> dict[str, str]:
    """The options --kind and --categories as a mapping of columns to kinds.

    Args:
        given: Each "column=kind".
        categories: Columns whose entries are names, whatever they look like; several may be joined by commas.

    Raises:
        InputError: one is not of that form, or names no kind.

    Example:
        >>> kinds_from(["zip=text", "a=b=number"], ["year,month"])
        {'zip': 'text', 'a=b': 'number', 'year': 'text', 'month': 'text'}
    """
    found = {}
    for item in given:
        column, mark, kind = item.rpartition("=")
        if not mark or not column:
            raise InputError(f"read: --kind must be COLUMN=KIND; got {item!r}. An example: --kind zip=text.")
        if kind.partition(":")[0] not in KINDS:
            raise unknown_name("read", "--kind", kind, KINDS)
        found[column] = kind
    names = [name.strip() for item in categories for name in item.split(",")]
    return {**found, **dict.fromkeys(names, "text")}
