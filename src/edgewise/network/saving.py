"""One file a model: tensors in safetensors, everything else as JSON in its header.

Reading never executes anything from the file: functions are looked up by name, in the library or among
those the caller gives.
"""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from ..errors import FileError, InputError, UnknownName
from ..functions import LIBRARY, Function, get_function
from ..layers import BASES, FormulaLayer, KANLayer, NodeLayer
from .network import Network
from .scaler import Scaler
from .stage import Stage

FORMAT = 1


def save(model: Network, path: str | os.PathLike[str]) -> None:
    """Write a model to one file, all at once or not at all.

    Args:
        model: Architecture, grids, masks, formulas and scalers are all kept. Functions of your own (bases or
            symbolic) are kept by name and asked for on loading.
        path: File to write; an existing one is replaced.

    Raises:
        InputError: the folder does not exist, or the path is a folder.

    Example:
        >>> import tempfile, os
        >>> from edgewise.network import build
        >>> path = os.path.join(tempfile.mkdtemp(), "model.safetensors")
        >>> save(build([2, 5, 1]), path)
        >>> load(path).width
        (2, 5, 1)
    """
    target = Path(path)
    if not target.parent.is_dir():
        raise InputError(
            f"save: the folder of path must exist; got {str(target)!r}. Create {target.parent} first."
        )
    if target.is_dir():
        raise InputError(f"save: path must name a file; got the folder {str(target)!r}. Add a file name.")
    tensors = {name: value.contiguous() for name, value in _tensors(model).items()}
    header = _header(model)
    header["digest"] = _digest(tensors, header)
    draft = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    try:
        draft.touch()
        mode = draft.stat().st_mode
        save_file(tensors, draft, metadata={"edgewise": json.dumps(header)})
        draft.chmod(mode)  # safetensors leaves its files to their owner alone
        os.replace(draft, target)
    finally:
        draft.unlink(missing_ok=True)


def load(
    path: str | os.PathLike[str],
    *,
    functions: Mapping[str, Function] | None = None,
    bases: Mapping[str, Callable[[Tensor], Tensor]] | None = None,
    device: torch.device | str = "cpu",
) -> Network:
    """Read a model from a file that `save` wrote, with no need of its original arguments.

    Args:
        path: The file.
        functions: Your own symbolic functions by name, where the model uses any.
        bases: Your own base functions by name, where the model uses any.
        device: Where the model is to live, whatever device it was saved from.

    Raises:
        FileError: the file is missing, damaged, not one of ours, of a newer format, or needs a function
            that was not given.
    """
    tensors, header = _read(path, device)
    try:
        stages = [
            _stage(entry, _part(tensors, f"stages.{layer}."), functions or {}, bases or {})
            for layer, entry in enumerate(header["stages"])
        ]
        model = Network(
            stages,
            input_names=None,
            input_scaler=_scaler(_part(tensors, "input_scaler.")),
            output_scaler=_scaler(_part(tensors, "output_scaler.")),
        )
        model.in_columns = int(header["in_columns"])
        model.read_columns(tensors["columns"])
        model.input_names = None if header["input_names"] is None else tuple(map(str, header["input_names"]))
        _check_columns(model)
    except FileError:
        raise
    except (
        KeyError,
        TypeError,
        ValueError,
        IndexError,
        AttributeError,
        ArithmeticError,
        RuntimeError,
    ) as error:
        raise FileError(
            f"load: {str(path)!r} must be a whole edgewise file; its parts do not fit together ({error}). "
            f"Get an undamaged copy."
        ) from error
    return model


def _tensors(model: Network) -> dict[str, Tensor]:
    state = model.state_dict()
    return {name: value.detach() for name, value in state.items() if not name.endswith("_extra_state")}


def _header(model: Network) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "in_columns": model.in_columns,
        "input_names": model.input_names,
        "stages": [_describe(stage) for stage in model.stages],
    }


def _describe(stage: Stage) -> dict[str, Any]:
    spline, formula, nodes = stage.spline, stage.formula, stage.nodes
    return {
        "k": spline.k,
        "grid_eps": spline.grid_eps,
        "extrapolation": spline.extrapolation,
        "base": spline.base_name,
        "trained": [name for name, value in stage.named_parameters() if value.requires_grad],
        "formulas": list(formula.names),
        "sums": nodes.sums,
        "arities": list(nodes.arities),
    }


def _digest(tensors: Mapping[str, Tensor], header: Mapping[str, Any]) -> str:
    """A fingerprint of all that is in a file: one flipped bit changes it."""
    described = {name: value for name, value in header.items() if name != "digest"}
    found = hashlib.sha256(json.dumps(described, sort_keys=True).encode())
    for name, value in sorted(tensors.items()):
        found.update(f"{name} {value.dtype} {tuple(value.shape)}".encode())
        found.update(value.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return found.hexdigest()


def _read(
    path: str | os.PathLike[str], device: torch.device | str
) -> tuple[dict[str, Tensor], dict[str, Any]]:
    name = str(path)
    if not Path(path).is_file():
        raise FileError(f"load: path must be a file; got {name!r}, which is none. Check the name.")
    try:
        with safe_open(name, framework="pt", device=str(device)) as file:
            metadata = file.metadata() or {}
            if "edgewise" not in metadata:
                raise FileError(
                    f"load: {name!r} must be an edgewise file; it is another program's. Use its own loader."
                )
            header = json.loads(metadata["edgewise"])
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    except (SafetensorError, json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FileError(f"load: {name!r} must be a whole edgewise file; it is damaged ({error}).") from error
    if not isinstance(header, dict) or not isinstance(header.get("format"), int):
        raise FileError(f"load: {name!r} must be a whole edgewise file; its header is damaged.")
    if header["format"] > FORMAT:
        raise FileError(
            f"load: {name!r} must be of a format up to {FORMAT}; got {header['format']}. Upgrade edgewise."
        )
    if header.get("digest") != _digest(tensors, header):
        raise FileError(
            f"load: {name!r} must be a whole edgewise file; its contents do not match their checksum. "
            f"Get an undamaged copy."
        )
    return tensors, header


def _part(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name[len(prefix) :]: value for name, value in tensors.items() if name.startswith(prefix)}


def _scaler(part: Mapping[str, Tensor]) -> Scaler | None:
    return Scaler(part["shift"], part["scale"]) if part else None


def _stage(
    entry: Mapping[str, Any],
    part: Mapping[str, Tensor],
    functions: Mapping[str, Function],
    bases: Mapping[str, Callable[[Tensor], Tensor]],
) -> Stage:
    coef = part["spline.coef"]
    options: dict[str, Any] = {"dtype": coef.dtype, "device": coef.device}
    inputs, size, outputs = coef.shape
    like = KANLayer(
        1, 1, 1, int(entry["k"]), base=_find_base(entry["base"], bases), extrapolation=entry["extrapolation"],
        grid_eps=float(entry["grid_eps"]), seed=0, **options,
    )  # fmt: skip
    fields = {
        name: part[f"spline.{name}"] for name in ("coef", "scale_base", "scale_spline", "mask", "knots")
    }
    _check_shapes(fields, inputs, size, outputs, like.k)
    spline = like.with_tensors(**fields)
    nodes = NodeLayer(entry["sums"], entry["arities"], **options)
    nodes.load_state_dict(_part(part, "nodes."))
    stage = Stage(spline, _formula_layer(entry, part, functions, (inputs, outputs), options), nodes)
    for name, value in stage.named_parameters():
        value.requires_grad_(name in entry["trained"])
    return stage


def _check_shapes(fields: Mapping[str, Tensor], inputs: int, size: int, outputs: int, k: int) -> None:
    want = {
        "coef": (inputs, size, outputs),
        "scale_base": (inputs, outputs),
        "scale_spline": (inputs, outputs),
        "mask": (inputs, outputs),
        "knots": (inputs, size + k + 1),
    }
    for name, shape in want.items():
        if tuple(fields[name].shape) != shape:
            raise FileError(
                f"load: {name} must have shape {shape}; got {tuple(fields[name].shape)}. The file is damaged."
            )


def _formula_layer(
    entry: Mapping[str, Any],
    part: Mapping[str, Tensor],
    functions: Mapping[str, Function],
    shape: tuple[int, int],
    options: Mapping[str, Any],
) -> FormulaLayer:
    layer = FormulaLayer(*shape, **options)
    index, affine = part["formula.edge_index"].tolist(), part["formula.affine"]
    if not len(index) == len(affine) == len(entry["formulas"]):
        raise FileError("load: formulas, their edges and constants must be as many; the file is damaged.")
    layer = layer.with_edges(
        (i, j, _find_function(name, functions), constants)
        for (i, j), name, constants in zip(index, entry["formulas"], affine.tolist(), strict=True)
    )
    with torch.no_grad():
        layer.affine.copy_(affine)
    return layer


def _find_function(name: str, functions: Mapping[str, Function]) -> Function:
    if name in functions:
        return functions[name]
    try:
        return get_function(name)
    except UnknownName:
        raise FileError(
            f"load: the model uses the function {name!r}, which is none of the {len(LIBRARY)} in the "
            f"library. Pass functions={{{name!r}: make_function(...)}}."
        ) from None


def _find_base(name: str, bases: Mapping[str, Callable[[Tensor], Tensor]]) -> Any:
    if name in bases:
        return bases[name]
    if name not in BASES:
        raise FileError(
            f"load: the model uses the base {name!r} of your own. Pass bases={{{name!r}: function}}."
        )
    return name


def _check_columns(model: Network) -> None:
    columns = model.columns
    if len(columns) != model.stages[0].in_features or not all(
        0 <= c < model.in_columns for c in columns.tolist()
    ):
        raise FileError("load: columns must fit the first layer; the file is damaged.")
    if model.input_names is not None and len(model.input_names) != model.in_columns:
        raise FileError("load: input names must fit the columns; the file is damaged.")
