"""All experiments of this folder, one after the other; `--quick` is one seed for those that do not know it.

Run: python -m benchmarks.paper [--quick] [--list]
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def experiments() -> dict[str, bool]:
    """Names of the modules beside this one that measure something, and whether they know `--quick`."""
    texts = {path.stem: path.read_text("utf-8") for path in sorted(Path(__file__).parent.glob("[!_]*.py"))}
    return {
        name: "--quick" in text for name, text in texts.items() if "__main__" in text and "--json" in text
    }


def main(arguments: list[str]) -> int:
    """Run all, and give the number of those that failed."""
    failed = []
    for name, quick in experiments().items():
        print(f"\n## {name}\n", flush=True)
        if "--list" in arguments:
            continue
        passed = arguments
        if "--quick" in arguments and not quick:
            passed = [word for word in arguments if word != "--quick"] + ["--seeds", "1"]
        done = subprocess.run([sys.executable, "-m", f"benchmarks.paper.{name}", *passed], check=False)
        if done.returncode:
            failed.append(name)
    if failed:
        print(f"Failed: {', '.join(failed)}", file=sys.stderr)
    return len(failed)


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
