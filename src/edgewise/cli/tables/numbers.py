"""Numbers as people write them: decimal commas, marks of thousands, percent, currencies, units.

How a column writes its numbers is decided by all its cells together. "1.234" alone may be either; beside "1.5" it
has a decimal point, beside "1.234,5" a mark of thousands, and beside "1234" nothing marks thousands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_GROUPED = r"[1-9]\d{{0,2}}(?:(?P<mark>[{marks}])\d{{3}})(?:(?P=mark)\d{{3}})*{indian}"
_BODY = r"(?:(?:{grouped}|\d+)(?:[{point}]\d*)?|[{point}]\d+)(?:[eE][-+]?\d+)?"
_BODIES = {
    ".": re.compile(
        _BODY.format(grouped=_GROUPED.format(marks=", '’_", indian=r"|[1-9]\d?(?:,\d\d)+,\d{3}"), point=".")
    ),
    ",": re.compile(_BODY.format(grouped=_GROUPED.format(marks=". '’_", indian=""), point=",")),
}
_CURRENCY = r"[$€£¥₹₽₩₪₺฿₫₴]|[A-Z]{2,3}\$|R\$|USD|EUR|GBP|CHF|JPY|CNY|RMB|INR|AUD|CAD|NZD|SEK|NOK|DKK|PLN|CZK|HUF|BRL|ZAR|Fr\.|Rs\.?"
_CELL = re.compile(
    rf"(?P<open>\()?(?P<sign>[-+])?\s?(?P<before>{_CURRENCY})?\s?(?P<inner>[-+])?(?P<body>[\d.,'’_ ]*\d[\d.,'’_ ]*(?:[eE][-+]?\d+)?)"
    rf"\s?(?P<after>{_CURRENCY}|kr\.?|zł|Kč|Ft|[%‰]|[A-Za-zµμ°ΩÅ²³/][A-Za-zµμ°ΩÅ²³/0-9]{{0,8}})?(?P<close>\))?(?P<trail>-)?"
)
_CODE = re.compile(r"0\d+|\d{16,}")


@dataclass(frozen=True)
class Written:
    """A cell that is written as a number.

    Attributes:
        point: Value with a decimal point; None where it cannot have one.
        comma: Value with a decimal comma; None where it cannot have one.
        affix: Currency, "%" or unit beside it.
        plain: Whether it has at least four digits and no mark among them.
    """

    point: float | None
    comma: float | None
    affix: str
    plain: bool

    def value(self, decimal: str) -> float:
        """The value, by that decimal mark where it can be read by it, else by the other.

        Args:
            decimal: "." or ",".
        """
        first, other = (self.point, self.comma) if decimal == "." else (self.comma, self.point)
        found = other if first is None else first
        assert found is not None
        return found


def read_number(text: str) -> Written | None:
    """What a cell says as a number; None where it is none, and for codes such as "007".

    Args:
        text: Without white space around.

    Example:
        >>> read_number("€ 1,234.50")
        Written(point=1234.5, comma=None, affix='€', plain=False)
        >>> read_number("1.234").point, read_number("1.234").comma, read_number("007")
        (1.234, 1234.0, None)
    """
    text = text.replace("\u2212", "-").replace("\u00a0", " ").replace("\u202f", " ").replace("\u2009", " ")
    found = _CELL.fullmatch(text)
    if found is None or bool(found["open"]) != bool(found["close"]) or _CODE.fullmatch(text):
        return None
    body = found["body"].strip()
    signs = (found["sign"], found["inner"], found["trail"], found["open"] and "-")
    if sum(mark is not None for mark in signs) > 1 or (found["before"] and found["after"]):
        return None
    sign = -1.0 if "-" in signs else 1.0
    point, comma = (_value(body, mark, sign) for mark in ".,")
    if point is None and comma is None:
        return None
    affix = found["before"] or found["after"] or ""
    return Written(point, comma, affix, bool(re.match(r"\d{4}", body)))


def _value(body: str, decimal: str, sign: float) -> float | None:
    found = _BODIES[decimal].fullmatch(body)
    if found is None:
        return None
    plain = re.sub(r"[ '’_]", "", body)
    plain = plain.replace(",", "") if decimal == "." else plain.replace(".", "").replace(",", ".")
    return sign * float(plain)


@dataclass(frozen=True)
class Decimal:
    """The decimal mark of a column.

    Attributes:
        mark: "." or ",".
        sure: Whether the column itself says so.
        example: A cell that the other mark would read as another number; "" where there is none.
        mixed: Whether some cells need one mark and some the other.
    """

    mark: str
    sure: bool
    example: str = ""
    mixed: bool = False


def decide_decimal(cells: Mapping[str, Written], given: str | None, usual: str) -> Decimal:
    """Decide between decimal point and comma by all cells of a column.

    Args:
        cells: Different cells and what they say.
        given: What the user says.
        usual: What is taken where the column leaves it open.

    Example:
        >>> cells = {text: read_number(text) for text in ("1.234", "12.5")}
        >>> decide_decimal(cells, None, ",").mark
        '.'
    """
    point = sum(cell.comma is None for cell in cells.values())
    comma = sum(cell.point is None for cell in cells.values())
    open_ = [
        text
        for text, cell in cells.items()
        if None not in (cell.point, cell.comma) and cell.point != cell.comma
    ]
    example = open_[0] if open_ else ""
    if given is not None:
        return Decimal(given, True, example)
    if point or comma:
        return Decimal("." if point >= comma else ",", True, example, bool(point and comma))
    if open_ and any(cell.plain for cell in cells.values()):  # thousands are not marked here
        return Decimal("." if "." in example else ",", True, example)
    return Decimal(usual, not open_, example)
