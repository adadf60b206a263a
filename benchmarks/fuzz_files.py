"""Are damaged and hostile model files refused? Each of 10,000 gives a clear error or an intact model.

Files are changed by flipped bits, cuts, splices, and by edits of header and tensors that are signed anew, as
someone would who means harm. While a file is read, an audit hook watches for anything that executes, writes or
connects; a file that takes more than 10 seconds, more memory than allowed or kills the process is a failure.

    python benchmarks/fuzz_files.py --count 10000
"""

from __future__ import annotations

import argparse
import copy
import json
import multiprocessing
import random
import resource
import signal
import struct
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import torch
from safetensors.torch import load as read_bytes
from safetensors.torch import save as write_bytes

from edgewise.errors import EdgewiseError
from edgewise.network import Scaler, build, load, save, select_nodes, set_formula
from edgewise.network.files.tensor_file import digest
from edgewise.testing import state_bits

SECONDS, MEMORY = 10, 2**30
FORBIDDEN = (
    "exec", "compile", "os.system", "os.exec", "os.posix_spawn", "os.fork", "subprocess.Popen", "pickle.find_class",
    "marshal.loads", "socket.connect", "ctypes.dlopen", "shutil.rmtree", "os.remove", "os.rename",
)  # fmt: skip
VALUES = [
    0, -1, 1, 7, 2**31, 2**63, 10**18, 10**30, 1.5, -0.0, 1e308, float("inf"), float("nan"), True, None, "", "k",
    "__import__('os').system('true')", "\x00", "9" * 5000, [], [[]], {}, [10**9], ["sin"] * 1000, "a" * 10**5,
]  # fmt: skip
seen: list[str] = []


def watch(event: str, arguments: tuple) -> None:
    if event in FORBIDDEN or (
        event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
    ):
        seen.append(f"{event} {arguments!r:.100}")


def originals() -> list:
    scaled = build(
        [3, (2, [2, 3]), 2], input_names=["a", "b", "c"], input_scaler=Scaler(torch.zeros(3), torch.ones(3))
    )
    scaled = set_formula(set_formula(scaled, (0, 0, 0), "sin"), (1, 0, 1), "exp")
    pruned = select_nodes(
        build([4, 3, 1], dtype=torch.float64, k=2, extrapolation="periodic"), [[0, 2], [0, 1, 2], [0]]
    )
    return [build([2, 5, 1]), scaled, pruned, build([1, 1], dtype=torch.bfloat16, grid=1, k=0)]


def flip(content: bytes, numbers: random.Random, others: list[bytes]) -> bytes:
    changed = bytearray(content)
    for _ in range(numbers.choice((1, 1, 2, 8, 64))):
        changed[numbers.randrange(len(changed))] ^= 1 << numbers.randrange(8)
    return bytes(changed)


def flip_in_header(content: bytes, numbers: random.Random, others: list[bytes]) -> bytes:
    changed = bytearray(content)
    end = 8 + struct.unpack("<Q", content[:8])[0]
    for _ in range(numbers.choice((1, 2, 8))):
        changed[numbers.randrange(end)] = numbers.randrange(256)
    return bytes(changed)


def cut(content: bytes, numbers: random.Random, others: list[bytes]) -> bytes:
    place = numbers.randrange(len(content))
    kinds = (
        content[:place],
        content[place:],
        content + content[:place],
        content[:place] + bytes(len(content) - place),
    )
    return numbers.choice(kinds)


def splice(content: bytes, numbers: random.Random, others: list[bytes]) -> bytes:
    other = numbers.choice(others)
    ends = [8 + struct.unpack("<Q", part[:8])[0] for part in (content, other)]
    if numbers.random() < 0.5:
        return content[: ends[0]] + other[ends[1] :]
    place = numbers.randrange(min(len(content), len(other)))
    return content[:place] + other[place:]


def header_length(content: bytes, numbers: random.Random, others: list[bytes]) -> bytes:
    length = numbers.choice([0, 1, 7, 2**20, 2**25, 2**26, 2**32, 2**62, 2**64 - 1, len(content)])
    return struct.pack("<Q", length) + content[8:]


def parts(content: bytes) -> tuple[dict, dict]:
    end = 8 + struct.unpack("<Q", content[:8])[0]
    return read_bytes(content), json.loads(json.loads(content[8:end])["__metadata__"]["edgewise"])


def sealed(tensors: dict, header: dict) -> bytes:
    signed = {**header, "digest": digest(tensors, header)}
    plain = {name: value.clone(memory_format=torch.contiguous_format) for name, value in tensors.items()}
    return write_bytes(plain, metadata={"edgewise": json.dumps(signed)})


def edit_json(content: bytes, numbers: random.Random, others: list[bytes]) -> bytes:
    tensors, header = parts(content)
    for _ in range(numbers.choice((1, 1, 2))):
        place = header if numbers.random() < 0.3 else numbers.choice(header["layers"])
        if isinstance(place, dict) and isinstance(place.get("settings"), dict) and numbers.random() < 0.5:
            place = place["settings"]
        if not isinstance(place, dict) or not place:
            break
        key = numbers.choice(sorted(set(place) - {"digest"}))
        value = numbers.choice(VALUES)
        if isinstance(place[key], list) and place[key] and numbers.random() < 0.5:
            place[key] = copy.copy(place[key])
            place[key][numbers.randrange(len(place[key]))] = value
        elif numbers.random() < 0.1:
            del place[key]
        else:
            place[key] = value
        if not isinstance(header.get("layers"), list) or not header["layers"]:
            break
    return sealed(tensors, header)


def edit_tensor(content: bytes, numbers: random.Random, others: list[bytes]) -> bytes:
    tensors, header = parts(content)
    name = numbers.choice(sorted(tensors))
    value = tensors[name].clone()
    flat = value.reshape(-1)
    fills = (
        [0, 1, -1, 7, 2**31]
        if not value.is_floating_point()
        else [0.0, float("nan"), float("inf"), -1.0, 1e30]
    )
    choice = numbers.randrange(8)
    if choice < 3 and len(flat):
        flat[numbers.randrange(len(flat))] = numbers.choice(fills)
    elif choice == 3:
        value = value.to(numbers.choice([torch.float64, torch.int64, torch.bool, torch.float16, torch.uint8]))
    elif choice == 4:
        value = value.new_zeros([numbers.randrange(4) for _ in range(numbers.randrange(5))])
    elif choice == 5:
        value = value.new_zeros(0, 2**40)
    elif choice == 6:
        del tensors[name]
        name = numbers.choice(["columns", "layers.9.x", name + ".x", "output_scaler.scale"])
    else:
        value = flat.flip(0).reshape(value.shape)
    return sealed({**tensors, name: value}, header)


def nest(content: bytes, numbers: random.Random, others: list[bytes]) -> bytes:
    depth = numbers.choice([50, 500, 5000, 10**5])
    text = numbers.choice(["[" * depth + "]" * depth, '{"a":' * depth + "1" + "}" * depth, "[" * depth])
    return write_bytes(read_bytes(content), metadata={"edgewise": text})


UNSIGNED = (flip, flip_in_header, cut, splice, header_length)
MUTATIONS = (*UNSIGNED, edit_json, edit_tensor, nest)


def examine(path: Path, model: object, signed: bool) -> str:
    """Read one file: "refused", "intact" or "another"; anything else is raised."""
    before = len(seen)
    try:
        found = load(path)
    except EdgewiseError as error:
        assert str(error).startswith("load: "), f"no clear error: {error}"
        return "refused"
    finally:
        assert len(seen) == before, f"while it was read: {seen[before:]}"
    if state_bits(found) == state_bits(model):
        return "intact"
    assert signed, "a damaged file was read as another model"
    if found.n_columns < 100:
        outputs = found(torch.zeros(2, found.n_columns, dtype=found.layers[0].basis.coef.dtype))
        assert outputs.shape == (2, found.layers[-1].out_features)
    repr(found), found.names
    return "another"


def work(job: tuple[int, int, bytes, str, int]) -> tuple[str, str]:
    """Change one file and read it, within bounds of time and memory."""
    seed, which, content, folder, limit = job
    numbers = random.Random(seed)
    mutation = MUTATIONS[seed % len(MUTATIONS)]
    path = Path(folder) / f"{multiprocessing.current_process().pid}.safetensors"
    path.write_bytes(mutation(content, numbers, POOL))
    signal.alarm(limit)
    try:
        return mutation.__name__, examine(path, MODELS[which], mutation not in UNSIGNED)
    except BaseException as error:  # a failure of any kind is a finding
        return mutation.__name__, f"FAILED seed {seed}: {type(error).__name__}: {error}"
    finally:
        signal.alarm(0)


MODELS: list = []
POOL: list[bytes] = []


def prepare(pool: list[bytes]) -> None:
    torch.set_num_threads(1)
    POOL.extend(pool)
    MODELS.extend(originals())
    sys.addaudithook(watch)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))


def main() -> int:
    reader = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reader.add_argument("--count", type=int, default=10_000)
    reader.add_argument("--seed", type=int, default=0)
    asked = reader.parse_args()
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        pool = []
        for model in originals():
            save(model, Path(folder) / "whole")
            pool.append((Path(folder) / "whole").read_bytes())
        jobs = [
            (
                asked.seed + n,
                n // len(MUTATIONS) % len(pool),
                pool[n // len(MUTATIONS) % len(pool)],
                folder,
                SECONDS,
            )
            for n in range(asked.count)
        ]
        with multiprocessing.get_context("spawn").Pool(1, prepare, (pool,)) as worker:
            results = []
            for job in jobs:
                # A process that dies never answers: its file is the failure.
                try:
                    results.append(worker.apply_async(work, (job,)).get(timeout=3 * SECONDS))
                except multiprocessing.TimeoutError:
                    results.append(
                        (MUTATIONS[job[0] % len(MUTATIONS)].__name__, f"FAILED seed {job[0]}: no answer")
                    )
    counts = Counter((name, outcome.split(" ")[0]) for name, outcome in results)
    print(f"{'change':<16}{'refused':>9}{'intact':>9}{'another':>9}{'FAILED':>9}")
    for mutation in MUTATIONS:
        row = [counts[mutation.__name__, kind] for kind in ("refused", "intact", "another", "FAILED")]
        print(f"{mutation.__name__:<16}" + "".join(f"{value:>9}" for value in row))
    failures = [outcome for _, outcome in results if outcome.startswith("FAILED")]
    print(f"{len(results)} files, {len(failures)} failures, {time.perf_counter() - started:.0f} s")
    print("\n".join(failures[:20]))
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
