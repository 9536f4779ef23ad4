"""`python -m benchmarks`: measure all groups with both settings of OpenBLAS, and write what the book's page shows.

Each group runs in a process of its own. `--only scalar` renews one group and keeps the other numbers.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

from . import harness

HERE = Path(__file__).parent
GROUPS = ("autodiff", "networks", "scalar", "perceptron")


def settings() -> dict[str, str | None]:
    """What OPENBLAS_CORETYPE is set to: nothing, and what this machine's environment (or else AVX2) says."""
    other = os.environ.get("OPENBLAS_CORETYPE") or (
        "Haswell" if platform.machine() in ("x86_64", "AMD64") else None
    )
    return {"default": None} | ({f"OPENBLAS_CORETYPE={other}": other} if other else {})


def in_a_process(group: str, kernels: str | None, rounds: int) -> dict[str, Any]:
    """Measure one group with one setting, in a fresh process that has one thread."""
    environment = {k: v for k, v in os.environ.items() if k != "OPENBLAS_CORETYPE"} | harness.ONE_THREAD
    if kernels:
        environment["OPENBLAS_CORETYPE"] = kernels
    command = [sys.executable, "-m", "benchmarks", "--group", group, "--rounds", str(rounds)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, cwd=HERE.parent)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def one_group(group: str, rounds: int) -> dict[str, Any]:
    """Measure a group here and now; the environment must be ready."""
    harness.one_core()
    rows = importlib.import_module(f"benchmarks.{group}").rows()
    return {"rows": harness.measure(group, rows, rounds), "kernels": harness.kernels()}


def main() -> None:
    """Measure, or with --group one group alone."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--group", choices=GROUPS, help="print one group's results, in this process")
    parser.add_argument(
        "--only", nargs="*", choices=GROUPS, default=GROUPS, help="leave the other groups' rows as they are"
    )
    parser.add_argument("--rounds", type=int, default=harness.ROUNDS)
    args = parser.parse_args()
    if args.group:
        print(json.dumps(one_group(args.group, args.rounds)))
        return
    for name, command in harness.missing().items():
        print(
            f"{name} is not installed, so its column stays empty. To measure it: {command}", file=sys.stderr
        )
    path = HERE / "results.json"
    old = json.loads(path.read_text())["settings"] if path.exists() else {}
    measured = {}
    for name, kernels in settings().items():
        print(f"-- OpenBLAS: {name}", file=sys.stderr)
        kept = [r for r in old.get(name, {}).get("rows", []) if r["group"] not in args.only]
        rows, picked = [], old.get(name, {}).get("kernels", "")
        for group in GROUPS:
            if group in args.only:
                result = in_a_process(group, kernels, args.rounds)
                rows += result["rows"]
                picked = result["kernels"] or picked
            else:
                rows += [r for r in kept if r["group"] == group]
        measured[name] = {"kernels": picked, "rows": rows}
    results = {
        "date": date.today().isoformat(),
        "machine": harness.machine(),
        "missing": harness.missing(),
        "rounds": args.rounds,
        "settings": measured,
    }
    path.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    from . import report  # it loads matplotlib

    report.write(results)
    print("wrote results.json, table.md and figure.html in benchmarks/", file=sys.stderr)


if __name__ == "__main__":
    main()
