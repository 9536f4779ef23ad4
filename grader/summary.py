"""Sums up an exercise for the teacher: how the points are spread, what was hard, and which submissions need a look."""

from __future__ import annotations

import html
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median

from grader.grades import Grade, labels
from grader.master import Master

BINS = 10


@dataclass(frozen=True)
class Failing:
    """How many submissions miss a part, and how many were told each sentence."""

    label: str
    points: float
    missed: int
    said: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Summary:
    """The numbers of one exercise. ``counts`` are submissions by tenths of the points."""

    title: str
    most: float
    points: tuple[float, ...]
    counts: tuple[int, ...]
    parts: tuple[Failing, ...]
    refused: tuple[Grade, ...]
    waiting: tuple[Grade, ...]
    late: tuple[Grade, ...]
    unsafe: int
    remarks: tuple[tuple[str, str], ...]
    same: tuple[tuple[str, ...], ...]


def summary(master: Master, grades: Sequence[Grade]) -> Summary:
    """Sum up the grades of an exercise."""
    points = tuple(grade.points for grade in grades if grade.points is not None)
    counts = [0] * BINS
    for one in points:
        counts[min(BINS - 1, int(BINS * one / master.points))] += 1
    named = labels(master)
    parts = []
    judged = [grade.row.verdict for grade in grades if grade.row.verdict and not grade.row.verdict.refusal]
    for cell in master.graded:
        missed = [
            part
            for v in judged
            for part in v.parts
            if part.grade_id == cell.grade_id and part.state != "passed"
        ]
        said = Counter(sentence for part in missed for sentence in part.said).most_common()
        parts.append(Failing(named[cell.grade_id], cell.points, len(missed), tuple(said)))
    files: dict[str, list[str]] = {}
    for grade in grades:
        if not grade.row.problem:
            files.setdefault(grade.row.digest, []).append(grade.row.student)
    return Summary(
        master.title,
        master.points,
        points,
        tuple(counts),
        tuple(parts),
        tuple(grade for grade in grades if grade.state == "refused"),
        tuple(grade for grade in grades if grade.state == "waiting"),
        tuple(grade for grade in grades if grade.late),
        sum(grade.row.verdict is not None and grade.row.verdict.sandbox == "none" for grade in grades),
        tuple(
            (grade.row.student, remark)
            for grade in grades
            for remark in (*grade.row.remarks, *(grade.row.verdict.remarks if grade.row.verdict else ()))
        ),
        tuple(tuple(names) for names in files.values() if len(names) > 1),
    )


def spread(found: Summary) -> str:
    """Write what the plot shows as plain text. It names no student."""
    n = len(found.points)
    lines = [f"{found.title}: {n} graded, {len(found.refused)} refused, {len(found.waiting)} waiting."]
    if n:
        lines[0] += (
            f" Mean {mean(found.points):.2f}, median {median(found.points):.2f} of {found.most:g} points."
        )
        lines += ["", "Points            Submissions"]
        widest = max(found.counts)
        for number, count in enumerate(found.counts):
            low, high = found.most * number / BINS, found.most * (number + 1) / BINS
            span = f"{low:.3g} to {'' if number == BINS - 1 else 'below '}{high:.3g}"
            lines.append(f"{span:<16} {count:>6}  {'#' * round(40 * count / widest)}".rstrip())
        lines += ["", "Missed   Part"]
        for part in found.parts:
            lines.append(f"{part.missed / n:>6.1%}   {part.label} ({part.points:g})")
            lines += [f"         {count:>5} were told: {sentence}" for sentence, count in part.said]
    return "\n".join(lines)


def text(found: Summary) -> str:
    """Write the whole summary as plain text, with all submissions that need a look."""
    lines = [spread(found)]
    for heading, grades in (("Refused", found.refused), ("Waiting", found.waiting), ("Late", found.late)):
        if grades:
            lines += ["", f"{heading}:"]
            lines += [f"  {grade.row.student}: {_why(heading, grade)}" for grade in grades]
    if found.remarks:
        lines += ["", "Remarks:", *(f"  {student}: {remark}" for student, remark in found.remarks)]
    if found.same:
        lines += ["", "The very same file:", *(f"  {', '.join(names)}" for names in found.same)]
    if found.unsafe:
        lines += ["", f"{found.unsafe} were judged without a sandbox (--unsafe)."]
    return "\n".join(lines)


def _why(heading: str, grade: Grade) -> str:
    if heading == "Late":
        return grade.late
    return grade.row.verdict.refusal if grade.row.verdict else "not judged yet"


def plot(found: Summary, path: Path) -> None:
    """Draw the spread of the points and the share that misses each part, as an SVG that says itself in words."""
    import matplotlib
    from matplotlib.figure import Figure

    n = max(1, len(found.points))
    with matplotlib.rc_context(
        {"svg.fonttype": "none", "svg.hashsalt": "grader", "font.family": "sans-serif"}
    ):
        figure = Figure(figsize=(9, 3.2 + 0.34 * len(found.parts)), layout="constrained")
        upper, lower = figure.subplots(2, 1, height_ratios=(2.4, max(1.0, 0.34 * len(found.parts))))
        edges = [found.most * number / BINS for number in range(BINS)]
        upper.bar(
            edges, found.counts, width=found.most / BINS, align="edge", color="#0072B2", edgecolor="white"
        )
        upper.set(title=f"{found.title}: points of {len(found.points)} submissions", xlim=(0, found.most))
        upper.set(xlabel="points", ylabel="submissions")
        upper.yaxis.get_major_locator().set_params(integer=True)
        shares = [100 * part.missed / n for part in found.parts]
        bars = lower.barh([part.label for part in found.parts], shares, color="#D55E00")
        lower.bar_label(bars, fmt="%.0f %%", padding=3)
        lower.set(xlim=(0, 112), xlabel="share of submissions that miss the part, in %")
        lower.invert_yaxis()
        for axes in (upper, lower):
            axes.spines[["top", "right"]].set_visible(False)
        drawn = io.StringIO()
        figure.savefig(drawn, format="svg", metadata={"Date": None})
    words = f"<title>{html.escape(found.title)}: points and parts missed</title><desc>{html.escape(spread(found))}</desc>"
    head, rest = (
        drawn.getvalue().split("<metadata>", 1)
        if "<metadata>" in drawn.getvalue()
        else (drawn.getvalue(), "")
    )
    start = head.index(">", head.index("<svg")) + 1
    whole = f"{head[:start]}\n{words}\n{head[start:]}" + (f"<metadata>{rest}" if rest else "")
    path.write_text(whole.replace("<svg ", '<svg role="img" ', 1), "utf-8")
