"""A set of functions, seed after seed: our rule, the published errors, and an MLP trained as well as we can.

Results go into the JSON file after every run, and what stands there already is not run again.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import torch
from benchmarks.paper.mlp import best_mlp
from benchmarks.paper.over_grids import BENT, Rule, trained_over_grids
from benchmarks.paper.problems import Problem, sampled
from benchmarks.paper.report import geometric_mean, median, save, table

HIDDEN = [[10, 10], [20, 20]]
HEAD = [
    "function",
    "paper",
    "ours",
    "seeds",
    "worst seed",
    "shape",
    "G",
    "edges x G",
    "seconds",
    "MLP",
    "MLP is",
]

Found = dict[str, dict[str, Any]]


def shapes_of(problem: Problem, rule: Rule) -> list[list[Any]]:
    """The paper's shape where there is one, then the rule's."""
    general = [[len(problem.ranges), *hidden, 1] for hidden in rule.hidden]
    return ([problem.shape] if problem.shape else []) + general


def run(
    problems: list[Problem], seeds: int, with_mlp: bool, path: str | None, enough: float, rule: Rule
) -> Found:
    """All runs that the file does not hold yet."""
    found: Found = json.loads(Path(path).read_text("utf-8")) if path and Path(path).exists() else {}
    for seed in range(seeds):
        for problem in problems:
            runs = found.setdefault(problem.name, {"runs": {}})["runs"]
            if str(seed) not in runs:
                data = sampled(problem, seed)
                runs[str(seed)] = trained_over_grids(
                    data, shapes_of(problem, rule), seed, enough=enough, rule=rule
                )._asdict()
                print(f"{problem.name}, seed {seed}: {runs[str(seed)]}", flush=True)
                save(path, found)
        for problem in problems if with_mlp and not seed else []:
            own = found[problem.name]
            if "mlp" not in own:
                own["mlp"] = best_mlp(sampled(problem, 0), HIDDEN, starts=1, steps=200, opt=BENT)._asdict()
                print(f"{problem.name}, MLP: {own['mlp']}", flush=True)
                save(path, found)
    return found


def rows(problems: list[Problem], found: Found) -> list[list[Any]]:
    """One row to a function; of the run in the middle, its shape."""
    lines: list[list[Any]] = []
    for problem in problems:
        own = found.get(problem.name)
        if own is None or not own["runs"]:
            continue
        runs = sorted(own["runs"].values(), key=lambda one: one["test_loss"])
        errors = [one["test_loss"] for one in runs]
        middle, mlp = runs[len(runs) // 2], own.get("mlp", {})
        lines.append(
            [
                problem.name,
                problem.paper,
                median(errors),
                len(runs),
                max(errors),
                str(middle["shape"]),
                middle["grid"],
                middle["count"],
                median(one["seconds"] for one in runs),
                mlp.get("test_loss"),
                mlp.get("shape"),
            ]
        )
    return lines


def report(problems: list[Problem], found: Found, wanted: float) -> str:
    """The table, and what it comes to."""
    lines = rows(problems, found)
    below = sum(line[2] < line[1] for line in lines)
    mlps = [line[9] for line in lines if line[9] is not None]
    beaten = sum(line[9] is not None and line[2] < line[9] for line in lines)
    text = [
        table(HEAD, lines),
        "",
        f"Below the paper: {below} of {len(lines)}. Geometric mean: ours "
        f"{geometric_mean([line[2] for line in lines]):.1e} (wished: {wanted:.0e}), the paper "
        f"{geometric_mean([line[1] for line in lines]):.1e}"
        + (f", our MLP {geometric_mean(mlps):.1e}; below our MLP: {beaten} of {len(mlps)}." if mlps else "."),
    ]
    return "\n".join(text)


def main(doc: str, problems: list[Problem], wanted: float, enough: float, rule: Rule) -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one seed, every fifth function, no MLP")
    parser.add_argument("--seeds", type=int, help="runs to a function (5; 1 with --quick)")
    parser.add_argument("--only", default="", help="functions whose name holds this")
    parser.add_argument("--no-mlp", action="store_true", help="leave out the MLP")
    parser.add_argument("--json", help="file for the results, gone on with if it exists")
    settings = parser.parse_args()
    torch.set_num_threads(1)
    chosen = [problem for problem in problems if settings.only in problem.name]
    if settings.quick:
        chosen = chosen[::5]
    seeds = settings.seeds if settings.seeds is not None else (1 if settings.quick else 5)
    found = run(chosen, seeds, not (settings.no_mlp or settings.quick), settings.json, enough, rule)
    print(report(chosen, found, wanted))
