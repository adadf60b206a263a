"""`export`: write a network in one of several formats."""

from __future__ import annotations

import inspect
import io
import os
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import torch

from .. import explain
from .._atomic import replace_file, target_of
from ..errors import InputError, unknown_name
from ..network import Network, as_inputs, defined_rows
from .c99 import c99
from .numpy_module import numpy_module
from .onnx_model import onnx_model
from .tables import bsplines, tables
from .torch_program import torch_program


class Format(NamedTuple):
    """One format of export.

    Attributes:
        make: From the model to what is exported.
        bytes_of: From that to what a file holds; None where there is no file of it.
    """

    make: Callable[..., Any]
    bytes_of: Callable[[Any], bytes] | None


def _text(value: str) -> bytes:
    return value.encode()


def _program_bytes(made: Any) -> bytes:
    buffer = io.BytesIO()
    torch.export.save(made, buffer)
    return buffer.getvalue()


def _sympy(model: Network, *, exact: bool = False, **settings: Any) -> str:
    return _equations(model, exact, settings, "text")


def _latex(model: Network, *, exact: bool = False, **settings: Any) -> str:
    return _equations(model, exact, settings, "latex")


def _equations(model: Network, exact: bool, settings: dict[str, Any], kind: str) -> str:
    if exact:
        data = settings.pop("data", None)
        made = getattr(explain.equations(model, **settings), kind)()
        return _with_warning(made, kind, "" if data is None else _undefined(model, data)) + "\n"
    return getattr(explain.formula(model, **{"snap": False, **settings}), kind)() + "\n"


def _undefined(model: Network, data: Any) -> str:
    """Where the plain functions of formula edges, which equations are made of, are not defined; in words."""
    fine = defined_rows(model, as_inputs(data, model, "export"))
    lost = int((~fine).sum())
    return f"undefined: not finite at {lost} of {len(fine)} samples" if lost else ""


def _with_warning(made: str, kind: str, words: str) -> str:
    if not words:
        return made
    return f"# {words}\n{made}" if kind == "text" else f"{made} \\quad \\text{{({words})}}"


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "numpy": Format(numpy_module, _text),
        "c99": Format(c99, _text),
        "onnx": Format(onnx_model, lambda made: made.SerializeToString()),
        "torch": Format(torch_program, _program_bytes),
        "json": Format(tables, _text),
        "scipy": Format(bsplines, None),
        "sympy": Format(_sympy, _text),
        "latex": Format(_latex, _text),
    }
)
"""Every format by name."""


def export(model: Network, format: str, path: str | os.PathLike[str] | None = None, **settings: Any) -> Any:
    """Write a network in the format that whoever runs it needs.

    Args:
        model: Not modified.
        format: "numpy" (a module that needs numpy alone), "c99" (one file, no dependency), "onnx", "torch" (a
            torch_program of torch.export), "json" (numbers and tables of all edges), "scipy" (a BSpline an edge),
            "sympy" or "latex" (the formula).
        path: File to write, whole or not at all; None for none.
        **settings: `name` for "numpy", "c99" and "onnx"; `points` for "json"; for "sympy" and "latex" the
            settings of `formula`, or `exact=True` for equations with spline edges as piecewise polynomials; both
            take `data`, and say where on it they are undefined.

    Returns:
        The text, ONNX model, torch_program or splines.

    Raises:
        UnknownName: there is no such format.
        InputError: a function or base defined by the user has no such format, the path cannot be written, or a
            setting is not known.
        NotAFormula: "sympy" or "latex" of a network with spline edges, without `exact=True`.
        MissingExtra: the package that the format needs is not installed.

    Example:
        >>> from edgewise.network import build, set_formula
        >>> model = set_formula(build([1, 1]), (0, 0, 0), "sin", (2.0, 0.0, 1.0, 0.0))
        >>> export(model, "latex").strip()
        '\\\\sin{\\\\left(2.0 x_{1} \\\\right)}'
    """
    if format not in FORMATS:
        raise unknown_name("export", "format", format, FORMATS)
    chosen = FORMATS[format]
    target = None if path is None else target_of("export", path)
    if target is not None and chosen.bytes_of is None:
        raise InputError(
            f"export: path must be None for {format!r}, which is no file; got {str(path)!r}. Use 'json' for a file."
        )
    known = inspect.signature(chosen.make).parameters
    unknown = [] if "settings" in known else [name for name in settings if name not in known]
    if unknown:
        allowed = ", ".join(name for name in known if name != "model") or "none"
        raise InputError(f"export: settings of {format!r} are {allowed}; got {unknown[0]!r}. Leave it out.")
    made = chosen.make(model, **settings)
    if target is not None and chosen.bytes_of is not None:
        replace_file(target, chosen.bytes_of(made))
    return made
