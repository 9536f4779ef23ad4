"""`python -m benchmarks`: measure all groups with both settings of OpenBLAS, and write what the book's page shows.

Each group runs in a process of its own. All numbers of the page come from one call: there is no way to renew some.
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
    command = [sys.executable, "-m", "benchmarks", "--here", group, "--rounds", str(rounds)]
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
    parser.add_argument("--group", choices=GROUPS, help="measure one group alone, and write nothing")
    parser.add_argument("--here", choices=GROUPS, help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=harness.ROUNDS)
    args = parser.parse_args()
    if args.here:
        print(json.dumps(one_group(args.here, args.rounds)))
        return
    if args.group:
        in_a_process(args.group, None, args.rounds)
        return
    for name, command in harness.missing().items():
        print(
            f"{name} is not installed, so its column stays empty. To measure it: {command}", file=sys.stderr
        )
    machine, measured = harness.machine(), {}
    for name, kernels in settings().items():
        print(f"-- OpenBLAS: {name}", file=sys.stderr)
        groups = [in_a_process(group, kernels, args.rounds) for group in GROUPS]
        measured[name] = {
            "kernels": next((g["kernels"] for g in groups if g["kernels"]), ""),
            "rows": [row for g in groups for row in g["rows"]],
        }
    results = {
        "date": date.today().isoformat(),
        "machine": machine,
        "missing": harness.missing(),
        "rounds": args.rounds,
        "settings": measured,
    }
    (HERE / "results.json").write_text(
        json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    from . import report  # it loads matplotlib

    report.write(results)
    print("wrote results.json, table.md and figure.html in benchmarks/", file=sys.stderr)


if __name__ == "__main__":
    main()
