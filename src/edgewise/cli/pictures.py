"""Figures as images that can stand inside a page, each with what it shows in words."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..estimators import Interaction, Shape
from ..plots import as_svg, date_text, number_text, plot
from .workflow import Run

_PIXELS_TO_AN_INCH = 96


@dataclass(frozen=True)
class Picture:
    """An image of a page.

    Attributes:
        source: A data URI.
        alt: What it shows, for those who do not see it.
        width: In pixels.
        height: In pixels.
        caption: What stands beneath.
    """

    source: str
    alt: str
    width: int
    height: int
    caption: str = ""


def picture(figure: Any, alt: str, caption: str = "") -> Picture:
    """A figure as an image.

    Args:
        figure: Of matplotlib.
        alt: What it shows.
        caption: What stands beneath.
    """
    width, height = (round(_PIXELS_TO_AN_INCH * inches) for inches in figure.get_size_inches())
    source = f"data:image/svg+xml;base64,{base64.b64encode(as_svg(figure)).decode()}"
    return Picture(source, alt, width, height, caption)


def network_picture(run: Run, target: str) -> Any:
    """The network with the names of its columns.

    Args:
        run: What came out of the fit.
        target: Name of the column that is predicted.
    """
    classes = getattr(run.estimator, "classes_", ())
    names = [str(label) for label in classes] if len(classes) > 2 else [target]
    return plot(run.model, run.samples, output_names=names)


def shape_in_words(shape: Shape, outputs: dict[str, int]) -> str:
    """What a curve shows: where it begins and ends, and where it is lowest and highest.

    Args:
        shape: Of a column of numbers.
        outputs: Numbers of the outputs by name.
    """
    parts = [_curve_in_words(shape, number, name) for name, number in outputs.items()]
    return f"Curve of {shape.axis.name}. {' '.join(parts)}"


def _curve_in_words(shape: Shape, output: int, name: str) -> str:
    line, values = shape.effect[:, output], shape.axis.values
    places = dict.fromkeys([0, int(line.argmin()), int(line.argmax()), len(line) - 1])
    said = [f"{number_text(line[n], 3)} at {value_text(shape.axis.kind, values, n)}" for n in sorted(places)]
    return f"{f'{name}: ' if name else ''}{', '.join(said)}."


def value_text(kind: str, values: np.ndarray, place: int) -> str:
    """A value of an axis in words.

    Args:
        kind: Of the axis.
        values: Of the axis.
        place: Number of the value.
    """
    if kind == "date":
        return date_text(values[place], float(values[-1] - values[0]))
    return number_text(float(values[place]), 3)


def interaction_in_words(found: Interaction) -> str:
    """What a map shows: where it is lowest and highest.

    Args:
        found: The interaction.
    """
    output = int(np.argmax(np.ptp(found.effect.reshape(-1, found.effect.shape[2]), axis=0)))
    values = found.effect[:, :, output]
    said = []
    for word, place in (("lowest", values.argmin()), ("highest", values.argmax())):
        i, j = np.unravel_index(int(place), values.shape)
        said.append(
            f"{word}, {number_text(values[i, j], 3)}, at {_at(found.first, int(i))} and {_at(found.second, int(j))}"
        )
    return f"Map of {found.first.name} and {found.second.name}: {'; '.join(said)}."


def _at(axis: Any, place: int) -> str:
    text = axis.values[place] if axis.kind == "level" else value_text(axis.kind, axis.values, place)
    return f"{axis.name} {text}"
