"""Dates and times of day as people write them; whether the day or the month is first is decided by the whole column."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

_CLOCK = (
    r"(?:[T ,]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}(?:[.,]\d+)?))?(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?)?"
    r"(?P<zone>Z| ?UTC| ?[+-]\d{2}:?\d{2})?"
)
_ORDERED = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})(?:\2(\d{{1,2}}))?{_CLOCK}")
_NUMBERS = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}|\d{{2}}){_CLOCK}")
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_WEEKDAYS = (
    "mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs(?:day)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?"
)
_MONTH = "|".join(f"{name[:3]}(?:{name[3:]})?" if name[3:] else name for name in _MONTHS) + "|sept"
_NAMED = re.compile(
    rf"(?:(?:{_WEEKDAYS}),? )?(?:(?P<before>\d{{1,2}})(?:st|nd|rd|th)?[-/. ]*)?(?P<month>{_MONTH})[-/.]? ?"
    rf"(?:(?P<after>\d{{1,2}})(?:st|nd|rd|th)?,? )?[-/. ]*(?P<year>\d{{4}}|\d{{2}}){_CLOCK}",
    re.IGNORECASE,
)
_COMPACT = re.compile(r"(?:18|19|20|21)\d{6}")
_TIME = re.compile(r"(\d{1,3}):(\d{2})(?::(\d{2}(?:[.,]\d+)?))?(?: ?([AaPp])\.?[Mm]\.?)?")
_EPOCH = datetime(1970, 1, 1)
DAY_FIRST, MONTH_FIRST, YEAR_FIRST, NAMED, COMPACT = (
    "day first",
    "month first",
    "year first",
    "named months",
    "yyyymmdd",
)


def days(text: str, style: str) -> float | None:
    """Days since 1970 of a date; None where it is none.

    Args:
        text: Without white space around.
        style: One of "year first", "day first", "month first", "named months", "yyyymmdd", or a format as for
            `datetime.strptime`.

    Example:
        >>> days("2.1.1970", "day first"), days("1970-01-01 12:00", "year first"), days("31.2.1970", "day first")
        (1.0, 0.5, None)
    """
    try:
        found = _READERS[style](text) if style in _READERS else datetime.strptime(text, style)
    except (ValueError, OverflowError):
        return None
    if found is None:
        return None
    return (found - _EPOCH).total_seconds() / 86400


def _year_first(text: str) -> datetime | None:
    found = _ORDERED.fullmatch(text)
    return found and _moment(int(found[1]), int(found[3]), int(found[4] or 1), found)


def _day_first(text: str) -> datetime | None:
    found = _NUMBERS.fullmatch(text)
    return found and _moment(_year(found[4]), int(found[3]), int(found[1]), found)


def _month_first(text: str) -> datetime | None:
    found = _NUMBERS.fullmatch(text)
    return found and _moment(_year(found[4]), int(found[1]), int(found[3]), found)


def _named(text: str) -> datetime | None:
    found = _NAMED.fullmatch(text)
    if found is None or (found["before"] and found["after"]):
        return None
    names = [name[:3] for name in _MONTHS]
    month = names.index(found["month"][:3].lower()) + 1
    return _moment(_year(found["year"]), month, int(found["before"] or found["after"] or 1), found)


def _compact(text: str) -> datetime | None:
    return datetime(int(text[:4]), int(text[4:6]), int(text[6:])) if _COMPACT.fullmatch(text) else None


def _year(text: str) -> int:
    """Two digits are of the hundred years that end in 2068, as for `datetime.strptime`."""
    return int(text) if len(text) == 4 else int(text) + (2000 if int(text) < 69 else 1900)


def _moment(year: int, month: int, day: int, found: re.Match[str]) -> datetime:
    """A day with the time of day that was written beside it, in UTC where a zone is given."""
    moment = datetime(year, month, day)
    if found["hour"]:
        hour = int(found["hour"])
        if found["half"]:
            if not 1 <= hour <= 12:
                raise ValueError("no hour of a half day")
            hour = hour % 12 + (12 if found["half"] in "Pp" else 0)
        moment = moment.replace(hour=hour, minute=int(found["minute"]))
        moment += timedelta(seconds=_seconds(found["second"] or "0"))
    return moment - _offset(found["zone"] or "")


def _seconds(text: str) -> float:
    seconds = float(text.replace(",", "."))
    if seconds >= 60:
        raise ValueError("no second of a minute")
    return seconds


def _offset(zone: str) -> timedelta:
    digits = zone.strip().replace(":", "")
    if digits[:1] not in ("+", "-"):
        return timedelta(0)
    away = timedelta(hours=int(digits[1:3]), minutes=int(digits[3:5]))
    return -away if digits[0] == "-" else away


_READERS: dict[str, Callable[[str], datetime | None]] = {
    YEAR_FIRST: _year_first,
    DAY_FIRST: _day_first,
    MONTH_FIRST: _month_first,
    NAMED: _named,
    COMPACT: _compact,
}


def hours(text: str) -> float | None:
    """Hours of a time of day or a duration such as "12:30" or "1:30:00 pm"; None where it is none.

    Args:
        text: Without white space around.

    Example:
        >>> hours("12:30"), hours("1:00 PM"), hours("12")
        (12.5, 13.0, None)
    """
    found = _TIME.fullmatch(text)
    if found is None or int(found[2]) > 59:
        return None
    hour = int(found[1]) % 12 + (12 if found[4] in "Pp" else 0) if found[4] else int(found[1])
    return hour + int(found[2]) / 60 + float((found[3] or "0").replace(",", ".")) / 3600


@dataclass(frozen=True)
class DateStyle:
    """How a column writes its dates.

    Attributes:
        name: One of the styles of `days`.
        sure: Whether no other style reads as many entries.
        share: Of the entries, how many are dates.
    """

    name: str
    sure: bool
    share: float


def decide_dates(texts: Collection[str], usual: str | None = None) -> DateStyle | None:
    """Decide how a column writes its dates; None where it holds none.

    Args:
        texts: Different entries in their order, without white space around.
        usual: Where days and months could change places, what other columns of the table say.

    Example:
        >>> decide_dates(["01/02/2020", "01/13/2020"])
        DateStyle(name='month first', sure=True, share=1.0)
        >>> decide_dates(["01/02/2020"], usual="day first")
        DateStyle(name='day first', sure=False, share=1.0)
    """
    if not texts:
        return None
    found = {name: [days(text, name) for text in texts] for name in _READERS}
    counts = {name: sum(day is not None for day in read) for name, read in found.items()}
    best = max(counts, key=lambda name: counts[name])
    if counts[best] == 0:
        return None
    share = counts[best] / len(texts)
    if best not in (DAY_FIRST, MONTH_FIRST) or counts[DAY_FIRST] != counts[MONTH_FIRST]:
        return DateStyle(best, True, share)
    if found[DAY_FIRST] == found[MONTH_FIRST]:
        return DateStyle(DAY_FIRST, True, share)
    sorted_ = [name for name in (DAY_FIRST, MONTH_FIRST) if _in_order(found[name])]
    if len(sorted_) == 1 and len(texts) > 3:
        return DateStyle(sorted_[0], True, share)
    pointed = all("/" not in text for text in texts)
    return DateStyle(DAY_FIRST if pointed else usual or MONTH_FIRST, pointed, share)


def _in_order(values: list[float | None]) -> bool:
    known = [value for value in values if value is not None]
    return known == sorted(known) or known == sorted(known, reverse=True)
