"""Measures sizes on one number of threads, in a process of its own: jax's threads are set before it starts."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from . import memory
from .clock import CLOCKS, alternate
from .contestant import Contestant, samples
from .peers import EQUAL_MLP, OURS, SHAPE_MLP, contestants, flatness_contestants
from .results import Entry, Results, Row, machine, save
from .sizes import FLAT_SIZE, FLATNESS, SIZES, Size


def measure(size: Size, peers: list[str], seconds: float, clock: str) -> Row:
    """A row: everyone who takes part, and the memory of us and of the MLP of our shape."""
    entrants = contestants(size, peers)
    row = Row(size.key, size.label, torch.get_num_threads(), size.grid, _entries(entrants, seconds, clock))
    named = {entrant.name: entrant for entrant in entrants}
    if SHAPE_MLP in named:
        x, _ = samples(size)
        ours, other = (memory.measure(named[name], x) for name in (OURS, SHAPE_MLP))
        row.memory.update(memory.as_row(ours, other))
    return row


def measure_flatness(peers: list[str], seconds: float, clock: str) -> Row:
    """The row of one size on several grids."""
    label = f"[{','.join(map(str, FLAT_SIZE.width))}] B{FLAT_SIZE.batch} on several grids"
    return Row(
        FLATNESS, label, torch.get_num_threads(), 0, _entries(flatness_contestants(peers), seconds, clock)
    )


def printed(row: Row) -> str:
    """The row as lines of text; times in ms, with the ends of the middle half of the samples."""
    head = f"{row.label}, {row.threads} thread{'s' if row.threads > 1 else ''}"
    lines = [
        f"\n{head:34} {'parameters':>10}   {'forward ms':>24} {'/ours':>6}"
        f"   {'forward+backward ms':>24} {'/ours':>6} {'/mlp':>6} {'cores':>5}"
    ]
    first = next(iter(row.entries))
    for name, entry in row.entries.items():
        mlp = row.ratio(name, EQUAL_MLP)
        lines.append(
            f"  {name:32} {entry.parameters:10,}   {_times(entry, 'forward')} {row.ratio(name, first, 'forward'):6.2f}"
            f"   {_times(entry, 'step')} {row.ratio(name, first):6.2f} {'' if mlp is None else f'{mlp:.2f}':>6}"
            f" {entry.step.cores:5.2f}"
        )
    if row.memory:
        ours, other = row.memory["ours"], row.memory["mlp_shape"]
        lines.append(
            f"  memory of a step, kB: saved for backward {_kb(ours['saved'])}, of mlp-shape {_kb(other['saved'])}; "
            f"peak {_kb(ours['peak'])}, of mlp-shape {_kb(other['peak'])}, bound {_kb(row.memory['bound'])}"
        )
    return "\n".join(lines)


def _entries(entrants: list[Contestant], seconds: float, clock: str) -> dict[str, Entry]:
    """Forward and step of all, in turn."""
    calls = {(entrant.name, "forward"): entrant.forward for entrant in entrants}
    calls |= {(entrant.name, "step"): entrant.step for entrant in entrants}
    times = alternate(calls, seconds, clock)
    return {
        entrant.name: Entry(entrant.parameters, times[entrant.name, "forward"], times[entrant.name, "step"])
        for entrant in entrants
    }


def _times(entry: Entry, call: str) -> str:
    timing = getattr(entry, call)
    low, high = timing.quartiles
    return f"{_ms(timing.median):>8} {f'({_ms(low)}-{_ms(high)})':>15}"


def _ms(seconds: float) -> str:
    """Milliseconds in at most six characters."""
    places = 3 if seconds < 0.01 else 2 if seconds < 0.1 else 1
    return f"{1e3 * seconds:.{places}f}"


def _kb(count: int) -> str:
    return f"{count / 1000:,.1f}"


def main() -> None:
    """Measure what the arguments name; the file is written after every row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="*", default=[])
    parser.add_argument("--peers", nargs="*", default=[])
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--seconds-per-row", type=float, required=True)
    parser.add_argument("--clock", choices=CLOCKS, required=True)
    parser.add_argument("--json", type=Path, required=True)
    settings = parser.parse_args()
    torch.set_num_threads(settings.threads)
    results = Results(machine(), [])
    for size in (*SIZES, None):
        key = FLATNESS if size is None else size.key
        if key not in settings.sizes:
            continue
        terms = (settings.peers, settings.seconds_per_row, settings.clock)
        row = measure_flatness(*terms) if size is None else measure(size, *terms)
        results.rows.append(row)
        print(printed(row), flush=True)
        save(results, settings.json)


if __name__ == "__main__":
    main()
