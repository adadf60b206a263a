"""Does a fuzzer that follows the code find a file that a loader takes badly?

    pip install atheris
    PYTHONPATH=src python benchmarks/fuzz_guided.py -max_total_time=180     any option of libFuzzer

Atheris does not see into modules that an editable installation finds; hence the path, in an environment that has
the packages edgewise needs but not edgewise.

Atheris changes bytes so that new lines of the loaders are reached. Three targets, by the first byte: a model file of
these bytes; a model file whose header is this JSON, signed as a forger would; the notes beside a model (model.json).
Each must end in one of edgewise's own errors, or in a model that can be used. Atheris stops at anything else: another
exception, more than 2 GB, more than 20 seconds, the end of the process.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(
    include=["edgewise.network", "edgewise.cli.model_folder", "edgewise.cli.schema"]
):
    import edgewise.cli.model_folder as saved
    import edgewise.network.files.saving as saving
    import edgewise.network.files.tensor_file as container

import torch
from safetensors.torch import load as read_bytes
from safetensors.torch import save as write_bytes

from edgewise.errors import EdgewiseError
from edgewise.estimators.columns import CategoryRule, NumericRule, TableEncoder
from edgewise.network import build, set_formula

FOLDER = Path(tempfile.mkdtemp())
MODEL, NOTES = FOLDER / "model.safetensors", FOLDER / "model.json"


def example() -> tuple[bytes, str, str]:
    """A whole file, its header, and the notes beside it."""
    model = set_formula(build([3, (1, [2]), 1], grid=2), (0, 0, 0), "sin")
    columns = TableEncoder((NumericRule("a", 0.5, True), CategoryRule("b", ("x",))))
    scores = {"train": {"rmse": 1.0}, "held_out": {}, "baseline": {}}
    notes = {
        "target": "y",
        "task": "values",
        "classes": None,
        "scores": scores,
        "importances": {"a": 1.0, "b": 0.0},
    }
    saved.write_model(FOLDER, model, columns, {**notes, "formula": None, "diagnostics": [], "notes": []})
    content = MODEL.read_bytes()
    end = 8 + int.from_bytes(content[:8], "little")
    return content, json.loads(content[8:end])["__metadata__"]["edgewise"], NOTES.read_text()


WHOLE, HEADER, WORDS = example()
TENSORS = read_bytes(WHOLE)


def raw(content: bytes) -> None:
    """A file of these bytes."""
    MODEL.write_bytes(content)
    use(saving.load(MODEL))


def signed(content: bytes) -> None:
    """A file with this header, its checksum right."""
    try:
        header = json.loads(content)
        header = {**header, "digest": container.digest(TENSORS, header)}
        text = json.dumps(header)
    except (ValueError, TypeError, RecursionError, AttributeError):
        return
    MODEL.write_bytes(write_bytes(TENSORS, metadata={"edgewise": text}))
    use(saving.load(MODEL))


def notes(content: bytes) -> None:
    """Notes of these bytes beside the whole model."""
    MODEL.write_bytes(WHOLE)
    NOTES.write_bytes(content)
    saved.read_model(FOLDER)


def use(model: torch.nn.Module) -> None:
    """Names and outputs of what was read."""
    _ = model.names, repr(model)
    if model.n_columns < 100:
        model(torch.zeros(2, model.n_columns, dtype=model.layers[0].basis.coef.dtype))


def one(content: bytes) -> None:
    """One input of the fuzzer."""
    target = (raw, signed, notes)[content[0] % 3 if content else 0]
    try:
        target(content[1:])
    except EdgewiseError:
        return


def main() -> None:
    torch.set_num_threads(1)
    seeds = FOLDER / "seeds"
    seeds.mkdir()
    for place, part in enumerate((WHOLE, HEADER.encode(), WORDS.encode())):
        (seeds / str(place)).write_bytes(bytes([place]) + part)
    options = [
        "-timeout=20",
        "-rss_limit_mb=2048",
        f"-max_len={2 * len(WHOLE)}",
        f"-artifact_prefix={FOLDER}/",
    ]
    atheris.Setup([sys.argv[0], *options, *sys.argv[1:], str(seeds)], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
