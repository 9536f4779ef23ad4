"""results.json as the book shows it: table.md and figure.html. May import nnlib.plot.

`python -m benchmarks.report` writes both again from the results that are there.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nnlib import plot

NARROW = "\N{NO-BREAK SPACE}"
HERE = Path(__file__).parent


def write(results: dict[str, Any]) -> None:
    """Write table.md and figure.html beside this file."""
    (HERE / "table.md").write_text(table(results), encoding="utf-8")
    (HERE / "figure.html").write_text(figure(results).html + "\n", encoding="utf-8")


# ------------------------------------------------------------------------------------------------- the table
def table(results: dict[str, Any]) -> str:
    """The table, what it was measured on, and where a peer is faster."""
    planned, besides = (
        [row for row in _rows(results) if bool(row["besides"]) is extra] for extra in (False, True)
    )
    parts = [
        [_where(results)],
        _lines(results, planned),
        ["Measured besides, after the first results were known:"] if besides else [],
        _lines(results, besides) if besides else [],
        _works(results),
        _slower(results),
        _missing(results),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _rows(results: dict[str, Any]) -> list[dict[str, Any]]:
    """All rows with the kernels as installed, the planned ones first."""
    rows: list[dict[str, Any]] = results["settings"]["default"]["rows"]
    return sorted(rows, key=lambda row: bool(row["besides"]))


def _where(results: dict[str, Any]) -> str:
    machine = results["machine"]
    load = (
        ""
        if machine["load"] is None
        else f" of {machine['cores']}, with a load of {machine['load']:.1f} before it began"
    )
    peers = ", ".join(f"{name} {version}" for name, version in machine["peers"].items())
    return (
        f"Measured on {results['date']} in one sitting: {results['rounds']} rounds for every row, on one core{load}. "
        f"Processor: {machine['processor']}, {machine['system']}. "
        f"Python {machine['python']}, NumPy {machine['numpy']}, {peers}."
    )


def _lines(results: dict[str, Any], rows: list[dict[str, Any]]) -> list[str]:
    settings = results["settings"]
    _, *others = ({row["name"]: row for row in s["rows"]} for s in settings.values())
    lines = [
        "| work | nnlib | beside | " + " | ".join(_head(name, s) for name, s in settings.items()) + " |",
        "| --- | ---: | --- |" + " ---: |" * len(settings),
    ]
    for row in rows:
        for j, peer in enumerate(row["peers"]):
            left = f"{row['name']} | {_time(row['ours_us'])}" if j == 0 else " | "
            ratios = [_ratio(peer), *(_ratio(other[row["name"]]["peers"][j]) for other in others)]
            lines.append(f"| {left} | {peer['name']} | " + " | ".join(ratios) + " |")
    return lines


def _head(name: str, setting: dict[str, Any]) -> str:
    kernels = setting["kernels"] or name.removeprefix("OPENBLAS_CORETYPE=")
    return f"as installed: {kernels}" if name == "default" else f"by choice: {kernels}"


def _works(results: dict[str, Any]) -> list[str]:
    """What each row does, once."""
    return [
        "What is done in each row:",
        "",
        *(f"- **{row['name']}**: {row['work']}." for row in _rows(results)),
    ]


def _slower(results: dict[str, Any]) -> list[str]:
    """One line for each peer that is faster beyond doubt."""
    faster = [(row, peer) for row in _rows(results) for peer in row["peers"] if peer["high"] < 1]
    if not faster:
        return []
    lines = ["Where the other is faster:", ""]
    for row, peer in faster:
        reason = f" {peer['reason']}" if peer["reason"] else ""
        lines.append(
            f"- **{row['name']}**, {peer['name']}: it takes {_digits(peer['ratio'])} of nnlib's time.{reason}"
        )
    return lines


def _missing(results: dict[str, Any]) -> list[str]:
    return [f"Not measured: {name}. `{command}` installs it." for name, command in results["missing"].items()]


def _ratio(peer: dict[str, Any]) -> str:
    return f"{_digits(peer['ratio'])}{NARROW}({_digits(peer['low'])}–{_digits(peer['high'])})"


def _digits(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio < 2 else f"{ratio:.1f}" if ratio < 20 else f"{ratio:.0f}"


def _time(microseconds: float) -> str:
    if microseconds < 1000:
        return f"{microseconds:.3g}{NARROW}µs"
    return f"{microseconds / 1000:.3g}{NARROW}ms"


# ------------------------------------------------------------------------------------------------ the figure
def figure(results: dict[str, Any]) -> plot.Figure:
    """Every ratio as a dot on one logarithmic axis; to the right of 1, nnlib is faster."""
    rows = _rows(results)
    peers = [peer for row in rows for peer in row["peers"]]
    won = sum(peer["low"] > 1 for peer in peers)
    lost = sum(peer["high"] < 1 for peer in peers)
    return plot.show(
        lambda ax: _draw(ax, rows, list(results["settings"].values())),
        alt=(
            f"{len(peers)} comparisons of the time that another library takes with the time that nnlib takes. In {won} "
            f"of them nnlib is faster, in {lost} the other; the rest can't be told apart. The ratios go from "
            f"{_digits(min(p['ratio'] for p in peers))} to {_digits(max(p['ratio'] for p in peers))}. The table "
            "below holds every number."
        ),
        caption=(
            "**To the right of the line, nnlib is faster.** Each dot is the other library's time divided by nnlib's, for "
            "the same work with the same result; its bar is the 95 % interval of the median. Filled: NumPy as "
            "installed. Open: the other kernels of OpenBLAS."
        ),
        wide=(7.6, 0.29 * (len(peers) + len(rows)) + 0.7),
        slim=(3.8, 0.29 * (len(peers) + len(rows)) + 0.7),
    )


def _draw(ax: Any, rows: list[dict[str, Any]], settings: list[dict[str, Any]]) -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    y, ticks, labels, heads = 0.0, [], [], []
    named = [{row["name"]: row for row in setting["rows"]} for setting in settings]
    for row in rows:
        heads.append((y, f"Besides: {row['name']}" if row["besides"] else row["name"]))
        for j, peer in enumerate(row["peers"]):
            y -= 1.0
            for s, measured in enumerate(named):
                p = measured[row["name"]]["peers"][j]
                at = y - 0.28 * s
                ax.plot([p["low"], p["high"]], [at, at], color=plot.INK if s == 0 else plot.SOFT, lw=1.4)
                face = plot.INK if s == 0 else plot.PAPER
                ax.plot(
                    p["ratio"],
                    at,
                    "o",
                    color=face,
                    mec=plot.INK if s == 0 else plot.SOFT,
                    ms=5.5 - s,
                    mew=1.1,
                )
            ticks.append(y - 0.1)
            labels.append(peer["name"])
        y -= 1.25
    ratios = [p[end] for s in settings for row in s["rows"] for p in row["peers"] for end in ("low", "high")]
    ax.set_xscale("log")
    ax.set(
        xlim=(min(0.3, 0.8 * min(ratios)), 1.3 * max(ratios)),
        ylim=(y + 0.4, 0.8),
        xlabel="their time / nnlib's",
    )
    ax.xaxis.set_major_locator(FixedLocator([0.2, 0.5, 1, 2, 5, 10, 20, 50, 100]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
    ax.axvline(1.0, color=plot.INK, lw=1.0)
    ax.set_yticks(ticks, labels)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    for at, name in heads:
        place = ax.annotate(
            name,
            (0.0, at - 0.1),
            xycoords=("figure fraction", "data"),
            va="center",
            weight="bold",
            bbox={"fc": plot.PAPER, "ec": "none", "pad": 1.5},
        )
        place.set_in_layout(False)
    ax.grid(axis="x")


if __name__ == "__main__":
    write(json.loads((HERE / "results.json").read_text(encoding="utf-8")))
