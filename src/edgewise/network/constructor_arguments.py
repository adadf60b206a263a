"""Arguments of a network that do not exist: what they were meant to be."""

from __future__ import annotations

import difflib
import functools
import inspect
from collections.abc import Callable, Iterable
from typing import ParamSpec, TypeVar

from ..errors import InputError

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")

_OF_PYKAN = {
    "noise_scale": "init, which makes the start values",
    "scale_base_mu": "init, which makes the start values",
    "scale_base_sigma": "init, which makes the start values",
    "base_fun": "base",
    "symbolic_enabled": "nothing: formulas cost nothing where there are none",
    "sb_trainable": "requires_grad_ on layer.basis.scale_base",
    "sp_trainable": "requires_grad_ on layer.basis.scale_spline",
    "sparse_init": "prune after a fit with lamb, or mask_edges",
    "save_act": "trace(x), which gives what every edge produced",
    "auto_save": "save(path), where and when you wish",
    "first_init": "nothing: a model is made once",
    "ckpt_path": "save(path), where and when you wish",
    "state_id": "nothing: no history is written",
    "round": "nothing: no history is written",
}


def refusing_unknown(make: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
    """Give the function with a helpful error for arguments that it does not have; its signature stays.

    Example:
        >>> make = refusing_unknown(lambda grid, k: grid)
        >>> make(gird=3, k=3)
        Traceback (most recent call last):
            ...
        edgewise.errors.InputError: KAN: arguments must be among grid, k; got gird. Did you mean grid?
    """
    known = frozenset(inspect.signature(make).parameters)

    @functools.wraps(make)
    def made(*arguments: _Arguments.args, **settings: _Arguments.kwargs) -> _Result:
        refuse_unknown(settings, known)
        return make(*arguments, **settings)

    return made


def refuse_unknown(given: Iterable[str], known: Iterable[str]) -> None:
    """Raise an error for the first argument that is not known, with what is near it.

    Raises:
        InputError: an argument is not known.

    Example:
        >>> refuse_unknown(["gird"], ["grid", "k"])
        Traceback (most recent call last):
            ...
        edgewise.errors.InputError: KAN: arguments must be among grid, k; got gird. Did you mean grid?
    """
    names = sorted(known)
    for name in given:
        if name in names:
            continue
        near = difflib.get_close_matches(name, names, n=1)
        if name in _OF_PYKAN:
            advice = f"In place of pykan's {name} there is {_OF_PYKAN[name]}."
        else:
            advice = f"Did you mean {near[0]}?" if near else "Leave it out."
        raise InputError(f"KAN: arguments must be among {', '.join(names)}; got {name}. {advice}")
