"""What the pictures of tables have in common: spare axes, one font, dates as dates, names as they are."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np

from .._optional import optional
from .figure import font

INK = "#1f3a5f"
BAND = "#b9cbe0"
ORANGE = "#b45309"
COLOURS = ("#1f3a5f", "#b45309", "#4d7c0f", "#9d174d", "#0e7490", "#6d28d9")
"""Of several classes: told apart by those who see no red or green, too."""

_EPOCH = datetime(1970, 1, 1)
_LONGEST = 22


def plain(text: str, longest: int = _LONGEST) -> str:
    """A name on one line, cut where it is too long; its dollar signs are no mathematics.

    Args:
        text: Any.
        longest: Characters.

    Example:
        >>> plain("price in $ of the day before yesterday")
        'price in \\\\$ of the day…'
    """
    line = " ".join(str(text).split())
    line = line if len(line) <= longest else line[: longest - 1].rstrip() + "…"
    return line.replace("$", r"\$")


def dress(ax: Any, x_label: str = "", y_label: str = "") -> Any:
    """Take away what is not needed of axes, and set all texts in the font of the pictures.

    Args:
        ax: Axes that are drawn on.
        x_label: Beneath.
        y_label: Beside.
    """
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color("0.6")
    ax.tick_params(color="0.6")
    if x_label:
        ax.set_xlabel(plain(x_label, 48), font=font(10.5))
    if y_label:
        ax.set_ylabel(plain(y_label, 40), font=font(10.5))
    for text in (*ax.get_xticklabels(which="both"), *ax.get_yticklabels(which="both")):
        text.set_fontproperties(font(9))
    return ax


def dates_on(axis: Any) -> None:
    """Write days since 1970 as dates.

    Args:
        axis: The x axis or the y axis of axes.
    """
    dates = optional("matplotlib.dates", "plot", "plot")
    locator = dates.AutoDateLocator(minticks=2, maxticks=6)
    axis.set_major_locator(locator)
    axis.set_major_formatter(dates.ConciseDateFormatter(locator))
    axis.get_offset_text().set_fontproperties(font(8.5))


def date_text(day: float, span: float = 100.0) -> str:
    """A day since 1970 in words.

    Args:
        day: May have a fraction.
        span: Days that are shown, which decide how exact it must be.

    Example:
        >>> date_text(19723.0), date_text(19723.5, span=1.0)
        ('1 Jan 2024', '1 Jan 2024 12:00')
    """
    moment = _EPOCH + timedelta(days=float(day))
    text = f"{moment.day} {moment:%b %Y}"
    return text if span > 2 else f"{text} {moment:%H:%M}"


def number_text(value: float, digits: int = 4) -> str:
    """A number of so many digits, without an exponent where it can be read so.

    Args:
        value: Any; "undefined" where it is not finite.
        digits: That count.

    Example:
        >>> number_text(1234567.0), number_text(-0.25), number_text(float("nan"))
        ('1,235,000', '−0.25', 'undefined')
    """
    if not np.isfinite(value):
        return "undefined"
    short = float(f"{value:.{digits}g}")
    sign, size = "−" if short < 0 else "", abs(short)
    if size and not 1e-4 <= size < 1e9:
        return f"{sign}{size:.{digits}g}"
    places = max(0, digits - 1 - int(np.floor(np.log10(size)))) if size else 0
    text = f"{size:,.{places}f}"
    return sign + (text.rstrip("0").rstrip(".") if "." in text else text)
