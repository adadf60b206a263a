"""`plot_discovery`: the front of a discovery, its law beside the samples, and what the law leaves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .._optional import optional
from ..discovery import Discovery, Law
from ..errors import unknown_name
from .figure import font, new_figure, text_size
from .judgement import ends_of, scatter
from .style import BAND, INK, ORANGE, dress, number_text, plain
from .text import as_math

_PANEL = (3.9, 3.4)
_PARTS = ("front", "law", "residuals")
_DECADES = 2.0
_FLOOR = 1e-16
_TITLE = 10.5
_PLAIN = 300
_LABELS = 12


def plot_discovery(
    found: Discovery, law: Law | int | None = None, *, parts: Sequence[str] = _PARTS, target: str = "y"
) -> Any:
    """Draw a discovery: the front of its laws, one of them beside the samples, and what it leaves.

    Laws are those that are printed. A law of one variable is drawn over it; of several its values are compared with the
    targets. Columns and targets over decades have logarithmic axes.

    Args:
        found: What `discover` gave.
        law: Which law, by itself or by its number in the table; the chosen one if None.
        parts: Which panels, from left to right: "front", "law", "residuals".
        target: What is predicted, for the axes.

    Returns:
        The `matplotlib.figure.Figure`.

    Raises:
        InputError: there is no law.
        UnknownName: there is no such part.

    Example:
        >>> from edgewise import discover
        >>> x = np.linspace(1, 2, 40)[:, None]
        >>> figure = plot_discovery(discover(x, 2 * x[:, 0] ** 2, names=["a"]), parts=["law"])
        >>> figure.axes[0].get_xlabel()
        '$a$'
    """
    parts = [parts] if isinstance(parts, str) else list(parts)
    for part in parts:
        if part not in _PARTS:
            raise unknown_name("plot_discovery", "parts", part, _PARTS)
    shown = found.shown(law)
    figure = new_figure(_PANEL[0] * len(parts), _PANEL[1])
    figure.set_layout_engine("constrained")
    panels = {"front": _front, "law": _law, "residuals": _residuals}
    for ax, part in zip(np.atleast_1d(figure.subplots(1, len(parts))), parts, strict=True):
        panels[part](ax, found, shown, found.law(law), target)
    return figure


def _front(ax: Any, found: Discovery, shown: Law, chosen: Law, target: str) -> None:
    spread = float(found.samples.held_y.std()) or 1.0
    laws = [found.shown(one) for one in found.laws]
    sizes = [one.complexity for one in laws]
    errors = [max(one.test_rmse, _FLOOR * spread) for one in laws]
    if found.noise > 0:
        ax.axhline(found.noise, color=ORANGE, linewidth=1.0, linestyle=(0, (4, 3)), zorder=1)
        text = ax.annotate("noise", (0.02, found.noise), xycoords=("axes fraction", "data"), va="bottom")
        text.set(color=ORANGE, font=font(9))
    ax.step(
        [*sizes, max(sizes) + 1], [*errors, errors[-1]], where="post", color=BAND, linewidth=1.3, zorder=1
    )
    ax.plot(sizes, errors, "o", color=INK, markersize=5, zorder=3)
    ax.set_yscale("log")
    _few_ticks(ax.yaxis, min(*errors, found.noise or np.inf), max(errors))
    ax.set_xlim(0, max(sizes) + 1)
    ax.xaxis.get_major_locator().set_params(integer=True)
    if len(laws) <= _LABELS:
        for number, place in enumerate(zip(sizes, errors, strict=True)):
            ax.annotate(
                str(number), place, xytext=(6, 4), textcoords="offset points", color="0.35", font=font(8.5)
            )
    if chosen in found.laws:
        at = found.laws.index(chosen)
        ax.plot(sizes[at], errors[at], "o", color="white", markeredgecolor=ORANGE, markersize=10, zorder=2)
        ax.plot(sizes[at], errors[at], "o", color=ORANGE, markersize=5, zorder=4)
    dress(ax, "complexity", "error on held-out samples")


def _few_ticks(axis: Any, low: float, high: float) -> None:
    """Numbers as such on a logarithmic axis of few decades."""
    if high / max(low, 1e-300) < _PLAIN and 1e-3 < high < 1e4:
        ticker = optional("matplotlib.ticker", "plot", "plot")
        axis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter(lambda value, _: number_text(value, 2))
        axis.set_minor_formatter(ticker.NullFormatter())


def _law(ax: Any, found: Discovery, shown: Law, chosen: Law, target: str) -> None:
    samples, column = found.samples, _one_column(shown)
    if column is None:
        low, high = ends_of(samples.all_y)
        ax.plot([low, high], [low, high], color="black", linewidth=1.1, zorder=4)
        scatter(ax, shown.predict(samples.x), samples.y)
        scatter(ax, shown.predict(samples.held_x), samples.held_y, colour=ORANGE)
        _limits(ax, samples.all_y, samples.all_y)
        dress(ax, f"{target} by the law", f"actual {target}")
    else:
        x = samples.all_x[:, column]
        line = _line(x)
        rows = np.repeat(samples.all_x[:1], len(line), axis=0)
        rows[:, column] = line
        scatter(ax, samples.x[:, column], samples.y)
        scatter(ax, samples.held_x[:, column], samples.held_y, colour=ORANGE)
        ax.plot(line, shown.predict(rows), color="black", linewidth=1.3, zorder=4)
        _limits(ax, x, samples.all_y)
        dress(ax)
        ax.set_xlabel(as_math(str(shown.symbols[column]), text_size), font=font(_TITLE))
        ax.set_ylabel(as_math(target, text_size), font=font(_TITLE))
    _titled(ax, shown)
    handles = [
        ax.scatter([], [], s=14, color=colour, linewidths=0, label=label)
        for colour, label in ((INK, "fitted to"), (ORANGE, "held out"))
    ]
    ax.legend(handles=handles, frameon=False, prop=font(9), loc="best", handletextpad=0.1)


def _residuals(ax: Any, found: Discovery, shown: Law, chosen: Law, target: str) -> None:
    samples, column = found.samples, _one_column(shown)
    parts = ((samples.x, samples.y, INK), (samples.held_x, samples.held_y, ORANGE))
    gaps, places = [], []
    if found.noise > 0:
        ax.axhspan(-found.noise, found.noise, color=BAND, alpha=0.45, linewidth=0, zorder=0)
    ax.axhline(0, color="black", linewidth=1.1, zorder=1)
    for x, y, colour in parts:
        values = shown.predict(x)
        places.append(values if column is None else x[:, column])
        gaps.append(y - values)
        scatter(ax, places[-1], gaps[-1], colour=colour)
    _limits(ax, np.concatenate(places), None)
    all_gaps = np.abs(np.concatenate(gaps))
    most = ends_of(all_gaps)[1] or float(all_gaps.max()) or 1.0
    ax.set_ylim(-1.1 * most, 1.1 * most)
    dress(ax, f"{target} by the law" if column is None else "", f"actual {target} less the law's")
    if column is not None:
        ax.set_xlabel(as_math(str(shown.symbols[column]), text_size), font=font(_TITLE))


def _one_column(law: Law) -> int | None:
    used = [n for n, symbol in enumerate(law.symbols) if symbol in law.expression.free_symbols]
    return used[0] if len(used) == 1 else None


def _line(x: np.ndarray) -> np.ndarray:
    low, high = float(x.min()), float(x.max())
    return np.geomspace(low, high, 400) if _over_decades(x) else np.linspace(low, high, 400)


def _over_decades(values: np.ndarray) -> bool:
    """Whether most of the values are: a few near zero do not count."""
    low, high = np.quantile(values, [0.05, 0.95])
    return bool(values.min() > 0 and np.log10(high / low) > _DECADES)


def _limits(ax: Any, x: np.ndarray, y: np.ndarray | None) -> None:
    """Limits by the samples, with logarithms for those over decades."""
    for values, scale, limits in ((x, ax.set_xscale, ax.set_xlim), (y, ax.set_yscale, ax.set_ylim)):
        if values is None:
            continue
        low, high = ends_of(values)
        if _over_decades(values):
            scale("log")
            room = (high / low) ** 0.03
            limits(low / room, high * room)
        else:
            room = 0.03 * (high - low) or 1.0
            limits(low - room, high + room)


def _titled(ax: Any, shown: Law) -> None:
    """The law above the panel, where it can be set and is not wider than that."""
    title = as_math(f"${shown.latex()}$", text_size).replace(r"$\frac", r"$\dfrac", 1)
    if "$" in title:
        width, _ = text_size(title)
        size = min(_TITLE + 1, 0.95 * _PANEL[0] / max(width, 1e-9))
        if size >= 6.5:
            ax.set_title(title, font=font(size))
            return
    ax.set_title(plain(shown.text(), 60), font=font(8))
