"""Would the tests notice a wrong derivative? `python -m tests.nnlib.mutation` changes the rules and looks.

A mutant is one small change in one of the files below: + for -, 2.0 for 3.0, x for y, sin for cos, a branch for the
other. It is killed if a test fails. A mutant that survives must stand in survivors.txt, with the reason why no
derivative can tell it from the original; any other makes this command fail, and so does an entry that no survivor
needs any more.

mutmut and cosmic-ray were tried: the one changes function bodies only, and most rules are lambdas at module level; the
other starts pytest anew for every mutant, which takes hours. Here each mutant is a forked process that imports nnlib
with the change, and runs the tests that reach the changed lines.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .changes import Mutant, mutants
from .trial import Bench

HERE = Path(__file__).parent
ROOT = HERE.parents[2]

#: Where derivatives are written: the table, and the rules of activations, layers and losses.
FILES = [
    *sorted(p.relative_to(ROOT).as_posix() for p in (ROOT / "nnlib/autodiff/table").glob("*.py")),
    "nnlib/autodiff/rows.py",
    "nnlib/slopes.py",
    "nnlib/losses.py",
    "nnlib/activations.py",
]


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.nnlib.mutation", description=__doc__.splitlines()[0]
    )
    parser.add_argument("files", nargs="*", default=FILES, help="files to change (all that hold rules)")
    parser.add_argument("--jobs", type=int, default=2, help="mutants at a time")
    args = parser.parse_args()
    listed = survivors_listed((HERE / "survivors.txt").read_text(encoding="utf-8"))
    bench = Bench(ROOT)
    found: list[Mutant] = []
    total = 0
    for path in args.files:
        every = list(mutants(path, (ROOT / path).read_text(encoding="utf-8")))
        alive = [m for m, killed in bench.try_all(every, args.jobs) if not killed]
        print(f"{path}: {len(every)} mutants, {len(every) - len(alive)} killed", flush=True)
        for m in alive:
            if m.name not in listed:
                print(f"survived, line {m.line}: {m.name}", flush=True)
        found += alive
        total += len(every)
    names = {m.name for m in found}
    strangers = [m for m in found if m.name not in listed]
    stale = [name for name in listed if name.split(":")[0] in args.files and name not in names]
    for name in stale:
        print(f"listed in survivors.txt, but killed or gone: {name}")
    print(
        f"{total} mutants, {total - len(found)} killed, {len(found) - len(strangers)} equivalent by the list, "
        f"{len(strangers)} unexplained"
    )
    return 1 if strangers or stale else 0


def survivors_listed(text: str) -> dict[str, str]:
    """Name of each mutant that may survive -> the reason: the comment above its group."""
    listed, reason, fresh = {}, "", True
    for line in text.splitlines():
        if line.startswith("#"):
            reason, fresh = (line[1:].strip() if fresh else f"{reason} {line[1:].strip()}"), False
        elif line:
            if not reason:
                raise ValueError(f"survivors.txt gives no reason for {line}")
            listed[line] = reason
            fresh = True
        else:
            reason, fresh = "", True
    return listed


if __name__ == "__main__":
    sys.exit(main())
