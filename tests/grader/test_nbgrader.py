"""The real nbgrader reads what we write: its export, its feedback and its formgrader."""

from __future__ import annotations

import csv
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from grader import gradebook
from grader.course import Course, Late
from grader.grades import ExportError, grades
from grader.intake import Handed
from grader.master import Master
from grader.release import secret_lines
from grader.results import Results
from tests.grader.standin import VERSION, StandIn, fill

DUE = datetime(2026, 10, 2, 23, 59, tzinfo=UTC)
OURS = "def decide(x, w, b):\n    return 'mine & <b>mine</b>'"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, the_course: Course, neurons: Master) -> Path:
    """An nbgrader course with four students, among them a notebook that would take over the teacher's browser."""
    root = tmp_path_factory.mktemp("course")
    entries = tuple(replace(entry, due=DUE) for entry in the_course.exercises)
    course = replace(the_course, exercises=entries, late=Late(0.1, timedelta(days=3)))
    evil = {"cell_type": "markdown", "metadata": {}, "source": "<script>steal()</script>", "id": "evil"}
    mark = {"grade_id": "decide", "solution": True, "grade": False, "locked": False, "schema_version": 3}
    code = {
        "cell_type": "code",
        "metadata": {"nbgrader": mark},
        "source": OURS,
        "id": "decide",
        "outputs": [],
    }
    people = {
        Handed("ann", "Ann", when=DUE): {
            "right": ["decision", "batch"],
            "nbformat": 4,
            "cells": [evil, code],
        },
        Handed("Bo Li", "Bo Li", when=DUE + timedelta(hours=1)): {"right": ["decision", "batch"]},
        Handed("cy", "Cy", problem="The file is a link."): {},
    }
    with Results(root / "r.db", write=True) as results:
        fill(results, neurons, people)
        assert gradebook.write(results, grades(results, course, neurons), neurons, course, root) == 3
    return root


def nbgrader(folder: Path, *words: str) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "nbgrader", *words], cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "JUPYTER_CONFIG_DIR": str(folder / "none")},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr


def test_it_exports_our_grades(folder: Path) -> None:
    nbgrader(folder, "export", "--to=grades.csv")
    with open(folder / "grades.csv", encoding="utf-8") as file:
        rows = {row["last_name"]: row for row in csv.DictReader(file)}
    assert {
        name: (row["raw_score"], row["late_submission_penalty"], row["score"]) for name, row in rows.items()
    } == {
        "Ann": ("2.0", "0.0", "2.0"),
        "Bo Li": ("2.0", "1.0", "1.0"),
        "Cy": ("0.0", "0.0", "0.0"),
    }
    assert {row["max_score"] for row in rows.values()} == {"10.0"}
    assert {row["duedate"] for row in rows.values()} == {"2026-10-02 23:59:00"}
    assert rows["Ann"]["timestamp"] == "2026-10-02 23:59:00"


def test_its_feedback_tells_what_the_judge_said_and_no_hidden_test(folder: Path, neurons: Master) -> None:
    nbgrader(folder, "generate_feedback", "01-neurons")
    (page,) = (folder / "feedback" / "ann").rglob("*.html")
    text = page.read_text("utf-8")
    assert "Look at alike &amp; &lt;b&gt;again" in text
    assert "(Score: 2.0 / 10.0)" in text
    assert "steal()" not in text
    told = [line for line in secret_lines(neurons) if len(line) > 12 and line in text]
    assert told == []


def test_its_formgrader_shows_the_work(folder: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyter_server", f"--port={port}", "--ip=127.0.0.1", "--no-browser", "--allow-root",
         "--ServerApp.port_retries=0", "--IdentityProvider.token=t", f"--ServerApp.root_dir={folder}",
         '--ServerApp.jpserver_extensions={"nbgrader.server_extensions.formgrader": True}'],
        cwd=folder, stderr=subprocess.PIPE, text=True, env={**os.environ, "JUPYTER_CONFIG_DIR": str(folder / "none")},
    )  # fmt: skip

    def get(path: str) -> str:
        request = urllib.request.Request(f"http://127.0.0.1:{port}/formgrader/{path}")
        request.add_header("Authorization", "token t")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return str(answer.read().decode())

    try:
        deadline = time.monotonic() + 120
        while True:
            try:
                submissions = json.loads(get("api/submissions/01-neurons"))
                break
            except (urllib.error.URLError, ConnectionError):
                assert server.poll() is None, server.communicate()[1]
                assert time.monotonic() < deadline
                time.sleep(0.3)
        assert {(one["last_name"], one["score"], one["needs_manual_grade"]) for one in submissions} == {
            ("Ann", 2.0, False),
            ("Bo Li", 2.0, False),  # the penalty stands beside it
            ("Cy", 0.0, True),
        }
        assert all(one["autograded"] for one in submissions)
        (shown,) = json.loads(get("api/submitted_notebooks/01-neurons/01-neurons"))[:1]
        pages = [
            get(f"submissions/{one['id']}/")
            for one in json.loads(get("api/submitted_notebooks/01-neurons/01-neurons"))
        ]
        (ann,) = [page for page in pages if "mine" in page]
        assert shown["max_score"] == 10
        assert "&lt;b&gt;mine" in ann
        assert "Look at alike" in ann
        assert "steal()" not in ann
    finally:
        server.terminate()
        server.communicate(timeout=60)


def test_marks_by_hand_outlive_a_renewal(folder: Path, the_course: Course, neurons: Master) -> None:
    with gradebook.Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        cell = book.find_grade("alike", "01-neurons", "01-neurons", "ann")
        cell.manual_score = 0.5
        book.db.commit()
    with Results(folder / "r.db", write=True) as results:
        results.use(neurons.id, "newer")
        (row,) = [row for row in results.rows(neurons.id) if row.student == "ann"]
        with StandIn(neurons, secret=bytes(32), unsafe=False) as judge:
            results.put("ann", "newer", replace(judge.mark(results.content(row.digest)), judge=VERSION))
        gradebook.write(results, grades(results, the_course, neurons), neurons, the_course, folder)
    with gradebook.Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        assert book.find_submission("01-neurons", "ann").score == 2.5


def test_other_cells_are_not_mixed_in(folder: Path, the_course: Course, neurons: Master) -> None:
    notebook = type(neurons.notebook)(neurons.notebook)
    notebook.cells = [cell for cell in notebook.cells if cell.id not in ("alike", "decide-alike")]
    other = replace(neurons, notebook=notebook, graded=neurons.graded[:-1])
    with Results(folder / "r.db") as results, pytest.raises(ExportError, match="Name a new folder"):
        gradebook.write(results, grades(results, the_course, other), other, the_course, folder)
