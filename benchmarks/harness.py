"""Times ways of doing the same work beside each other. Imports nothing but NumPy.

There is one method for every row. All sides run in one process, on one core, with one thread, in turn: A B C A B C.
A turn runs the work as many times as every other side's turn does. It starts from a heap without garbage, whose objects
the collector then leaves alone (`gc.freeze`), and it ends with a `gc.collect` that counts: Python's collector is on,
and who leaves garbage behind clears it away in its own time. (A row may turn the collector off; then nothing that
holds a cycle is freed at all.) What counts is the ratio of two times that lie next to each other, because a busy
machine slows both; the median of these ratios is reported, with an interval. The clock is the process's own (all its
threads, no one else's): on a machine that does nothing else it shows what a watch shows.
"""

from __future__ import annotations

import gc
import math
import os
import platform
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module, metadata
from types import ModuleType
from typing import Any

import numpy as np

ROUNDS = 31
TURN = 0.012  # seconds that nnlib runs in a turn; the others run as often as it does

#: What pins every library to one thread; it must be set before NumPy is imported.
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "JAX_PLATFORMS": "cpu",
    "JAX_ENABLE_X64": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}

#: The peers: the module, its name in the table, and what installs it.
PEERS = {
    "torch": ("PyTorch", "torch", "pip install torch"),
    "sklearn": ("scikit-learn", "scikit-learn", "pip install scikit-learn"),
    "autograd": ("autograd", "autograd", "pip install autograd"),
    "micrograd": ("micrograd", "micrograd", "pip install micrograd"),
    "jax": ("JAX", "jax", 'pip install "jax[cpu]"'),
}


@dataclass(frozen=True)
class Side:
    """One way of doing the work.

    `run()` does it once. `answer(run())` is what must agree with the other sides: loss and gradient, say.
    `floor` is the ratio (this side's time / nnlib's) that nnlib is built to reach; `reason` says why this side
    may be the faster one.
    """

    name: str
    run: Callable[[], Any]
    floor: float | None = None
    answer: Callable[[Any], Any] = lambda result: result
    reason: str = ""


@dataclass(frozen=True)
class Row:
    """One piece of work: its name, what is done, nnlib's way of doing it, and the others'.

    `besides` marks a row that was not planned before anything was measured: the page shows it apart.
    """

    name: str
    work: str
    ours: Side
    peers: list[Side]
    collector: bool = True
    tolerance: float = 1e-9
    besides: bool = False


def peer(module: str, *names: str) -> Any:
    """Import a peer (or the submodules `names` of it), or return None where it is not installed."""
    try:
        found: list[ModuleType] = [
            import_module(f"{module}.{name}" if name else module) for name in names or ("",)
        ]
    except ImportError:
        return None if len(names) < 2 else (None,) * len(names)
    if module == "torch":
        import_module("torch").set_num_threads(1)
    return found[0] if len(found) == 1 else tuple(found)


def missing() -> dict[str, str]:
    """The peers that are not installed, and the command that installs each."""
    gone = {}
    for name, package, command in PEERS.values():
        try:
            metadata.version(package)
        except metadata.PackageNotFoundError:
            gone[name] = command
    return gone


def one_core() -> None:
    """Keep this process on one core, where the system lets us."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def agree(row: Row) -> None:
    """Stop unless every side computes the same numbers."""
    want = _flat(row.ours.answer(row.ours.run()))
    for side in row.peers:
        got = _flat(side.answer(side.run()))
        if got.shape != want.shape or not np.allclose(got, want, rtol=row.tolerance, atol=row.tolerance):
            worst = (
                np.max(np.abs(got - want)) if got.shape == want.shape else f"{got.shape} against {want.shape}"
            )
            raise AssertionError(
                f"{row.name}: {side.name} and nnlib disagree ({worst}), so there is nothing to time"
            )


def race(row: Row, rounds: int = ROUNDS) -> dict[str, Any]:
    """Time every side in turn, and return medians, ratios and their intervals."""
    agree(row)
    sides = [row.ours, *row.peers]
    times: dict[str, list[float]] = {side.name: [] for side in sides}
    repeats = _repeats(row.ours.run)
    for side in row.peers:  # once before it counts, as `_repeats` does for nnlib
        side.run()
    try:
        for _ in range(rounds):
            for side in sides:
                gc.collect()
                gc.freeze()
                if not row.collector:
                    gc.disable()
                times[side.name].append(_time(side.run, repeats, row.collector))
                gc.enable()
    finally:
        gc.enable()
        gc.unfreeze()
    ours = times[row.ours.name]
    return {
        "name": row.name,
        "work": row.work,
        "besides": row.besides,
        "repeats": repeats,
        "ours_us": 1e6 * float(np.median(ours)),
        "peers": [
            {
                "name": side.name,
                "us": 1e6 * float(np.median(times[side.name])),
                **dict(
                    zip(
                        ("ratio", "low", "high"),
                        median_interval(np.divide(times[side.name], ours)),
                        strict=True,
                    )
                ),
                "floor": side.floor,
                "reason": side.reason,
            }
            for side in row.peers
        ],
    }


def median_interval(values: Any, level: float = 0.95) -> tuple[float, float, float]:
    """The median, and the two order statistics that hold the true median with probability `level` or more.

    Of n draws, the number below the true median is binomial with p = 1/2, whatever the distribution.
    """
    x = np.sort(np.asarray(values, float))
    n, k, tail = len(x), 0, 0.5 ** len(x)
    while k < (n - 1) // 2 and 2 * (tail + math.comb(n, k + 1) * 0.5**n) <= 1 - level:
        k += 1
        tail += math.comb(n, k) * 0.5**n
    return float(np.median(x)), float(x[k]), float(x[n - 1 - k])


def measure(name: str, rows: Iterable[Row], rounds: int = ROUNDS) -> list[dict[str, Any]]:
    """Race all rows of a group, telling what comes out."""
    results = []
    for row in rows:
        result = {"group": name, **race(row, rounds)}
        results.append(result)
        told = ", ".join(
            f"{p['name']} {p['ratio']:.2f} [{p['low']:.2f}, {p['high']:.2f}]"
            + ("" if p["floor"] is None or p["ratio"] >= p["floor"] else f" BELOW {p['floor']:g}")
            for p in result["peers"]
        )
        print(f"{row.name}: nnlib {result['ours_us']:.1f} µs; {told}", file=sys.stderr, flush=True)
    return results


def machine() -> dict[str, Any]:
    """What is measured on, and how many processes want a core at this moment, on average over a minute."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "peers": {name: version for name, version in _versions()},
    }


def kernels() -> str:
    """The name of the kernels that NumPy's OpenBLAS picked, or "" where it tells none."""
    threadpoolctl = peer("threadpoolctl")
    if threadpoolctl is None:
        return ""
    found = [i for i in threadpoolctl.threadpool_info() if i.get("internal_api") == "openblas"]
    numpys = [i for i in found if "numpy" in i.get("filepath", "")] or found
    return str(numpys[0].get("architecture", "")) if numpys else ""


def _versions() -> Iterator[tuple[str, str]]:
    for name, package, _ in PEERS.values():
        try:
            yield name, metadata.version(package)
        except metadata.PackageNotFoundError:
            continue


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _flat(answer: Any) -> Any:
    parts = answer if isinstance(answer, (tuple, list)) else [answer]
    return np.concatenate([np.ravel(np.asarray(part, dtype=float)) for part in parts])


def _repeats(run: Callable[[], Any]) -> int:
    run()
    n = 1
    while True:
        seconds = n * _time(run, n)
        if seconds > TURN / 3 or n > 1 << 20:
            return max(1, round(n * TURN / seconds))
        n *= 4


def _time(run: Callable[[], Any], n: int, clear_away: bool = False) -> float:
    repeats, clock = range(n), time.process_time
    start = clock()
    for _ in repeats:
        run()
    if clear_away:
        gc.collect()
    return (clock() - start) / n
