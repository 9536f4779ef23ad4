"""What LMSs write, and what students and archives do to it: each file reaches its student, or a sentence does."""

from __future__ import annotations

import io
import os
import stat
import struct
import tempfile
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader import intake
from grader.intake import Handed, Intake, IntakeError, clock_time
from grader.submission import Refused

NAME = "01-neurons.ipynb"
NOTEBOOK = b'{"nbformat": 4, "cells": []}'
Files = list[tuple[str | zipfile.ZipInfo, bytes]]


def packed(path: Path, files: Files) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return path


def taken(path: Path) -> tuple[dict[str, Handed], dict[str, bytes | str]]:
    """Every student's hand-in, and the bytes that count, or why none do."""
    found: dict[str, bytes | str] = {}
    with Intake(path, "01-neurons") as box:
        for handed in box.students:
            try:
                found[handed.student] = box.read(handed)
            except Refused as refusal:
                found[handed.student] = str(refusal)
        assert len(found) == len(box.students)
        return {handed.student: handed for handed in box.students}, found


def test_canvas(tmp_path: Path) -> None:
    files: Files = [
        (f"leeann_12_301_{NAME}", b"first"),
        ("leeann_12_302_01-neurons-1.ipynb", b"second"),
        (f"oneilltim_LATE_13_303_{NAME}", b"late"),
        ("dupontjosé_14_304_my_1_2_work.ipynb", b"own name"),
        (f"LATE_anon_x7Yq2_305_{NAME}", b"nameless"),
        ("roe_15_text.html", b"<p>I have no file.</p>"),
        (f"roe_16_306_{NAME}", b"another Roe"),
    ]
    people, data = taken(packed(tmp_path / "submissions.zip", files))
    assert data == {
        "leeann_12": b"second",
        "oneilltim_13": b"late",
        "dupontjosé_14": b"own name",
        "anon_x7Yq2": b"nameless",
        "roe_15": intake.NONE.format("text.html"),
        "roe_16": b"another Roe",
    }
    assert {name for name, one in people.items() if one.late} == {"oneilltim_13", "anon_x7Yq2"}
    assert people["leeann_12"].remarks == ("Also handed in, and not graded: 01-neurons.ipynb.",)
    assert people["leeann_12"].place == "leeann_12_302_"
    assert people["dupontjosé_14"].remarks == (
        "The file is not named 01-neurons.ipynb, but my_1_2_work.ipynb.",
    )
    assert (people["oneilltim_13"].lms, people["oneilltim_13"].number) == ("canvas", "13")


def test_brightspace(tmp_path: Path) -> None:
    files: Files = [
        ("index.html", b"the list"),
        (f"397063-25573 - Mary-Ann Smith - Oct 2, 2026 926 PM/{NAME}", b"early"),
        (f"397063-25573 - Mary-Ann Smith - Oct 2, 2026 1159 PM/{NAME}", b"newest"),
        (f"397064-25573 - Jo Lee - 05 March 2026 612 PM/{NAME}", b"other date"),
        (f"397065-25573 - 23304308 Angood - 13 September 2025 3:10 AM/{NAME}", b"with a number"),
        (f"397066-25573 - Sam Lee - le 2 octobre 2026 à 21 h/{NAME}", b"unreadable date"),
        (f"397067-25573 - Flat One - Oct 3, 2026 1205 AM - {NAME}", b"no folder"),
    ]
    people, data = taken(packed(tmp_path / "Download.zip", files))
    assert data == {
        "Mary-Ann Smith": b"newest",
        "Jo Lee": b"other date",
        "23304308 Angood": b"with a number",
        "Sam Lee": b"unreadable date",
        "Flat One": b"no folder",
    }
    assert {name: one.when for name, one in people.items()} == {
        "Mary-Ann Smith": datetime(2026, 10, 2, 23, 59),
        "Jo Lee": datetime(2026, 3, 5, 18, 12),
        "23304308 Angood": datetime(2025, 9, 13, 3, 10),
        "Sam Lee": None,
        "Flat One": datetime(2026, 10, 3, 0, 5),
    }
    assert people["Mary-Ann Smith"].place == "397063-25573 - Mary-Ann Smith - Oct 2, 2026 1159 PM/"


def test_moodle(tmp_path: Path) -> None:
    files: Files = [
        (f"Ann Lee_123_assignsubmission_file_/{NAME}", b"folder"),
        (f"Bo Li_124_assignsubmission_file/sub/{NAME}", b"newer Moodle"),
        (f"Group A-Cy Ng_125_assignsubmission_file_{NAME}", b"no folders"),
        ("Di Wu_126_assignsubmission_onlinetext_/onlinetext.html", b"<p>words</p>"),
        (f"Ann Lee_127_assignsubmission_file_/{NAME}", b"a namesake"),
        (f"Participant_128_assignsubmission_file_/{NAME}", b"blind"),
        # a student may call a file what he likes: the folder says whose it is
        (f"Ev Il_129_assignsubmission_file_/Ann Lee_123_assignsubmission_file_/{NAME}", b"not Ann's"),
        ("Fy Xu_130_assignsubmission_file_/leeann_12_301_01-neurons.ipynb", b"not Canvas"),
    ]
    people, data = taken(packed(tmp_path / "course.zip", files))
    assert data == {
        "Ann Lee_123": b"folder",
        "Ann Lee_127": b"a namesake",
        "Bo Li": b"newer Moodle",
        "Di Wu": intake.NONE.format("onlinetext.html"),
        "Ev Il": b"not Ann's",
        "Fy Xu": b"not Canvas",
        "Group A-Cy Ng": b"no folders",
        "Participant": b"blind",
    }
    assert people["Bo Li"].place == "Bo Li_124_assignsubmission_file/"
    assert people["Group A-Cy Ng"].place == "Group A-Cy Ng_125_assignsubmission_file_"


def test_folders_and_single_notebooks(tmp_path: Path) -> None:
    for student in ("ann", "ben"):
        (tmp_path / "subs" / student / "01-neurons").mkdir(parents=True)
        (tmp_path / "subs" / student / "01-neurons" / NAME).write_bytes(student.encode())
    (tmp_path / "subs" / "cy.ipynb").write_bytes(b"cy")
    (tmp_path / "subs" / "notes.txt").write_bytes(b"the teacher's")
    assert taken(tmp_path / "subs")[1] == {"ann": b"ann", "ben": b"ben", "cy": b"cy"}
    assert taken(tmp_path / "subs" / "cy.ipynb")[1] == {"cy": b"cy"}
    with Intake(tmp_path / "subs", "01-neurons") as box:
        assert box.strays == ["notes.txt"]
    whole = packed(
        tmp_path / "again.zip",
        [
            ("subs/ann/01-neurons.ipynb", b"ann"),
            ("subs/ben/01-neurons.ipynb", b"ben"),
            ("__MACOSX/subs/._x.ipynb", b""),
        ],
    )
    assert taken(whole)[1] == {"ann": b"ann", "ben": b"ben"}
    assert taken(packed(tmp_path / "one.zip", [(f"ann/01-neurons/{NAME}", b"ann")]))[1] == {"ann": b"ann"}


@pytest.mark.parametrize(
    ("files", "says"),
    [
        (["a.ipynb", "b.ipynb"], intake.SEVERAL.format(2, "a.ipynb, b.ipynb")),
        ([NAME, "b.ipynb"], NAME.encode()),
        (["01-neurons (2).ipynb", "b.ipynb"], b"01-neurons (2).ipynb"),
        ([NAME, "01-Neurons-1.ipynb"], intake.SEVERAL.format(2, "01-Neurons-1.ipynb, 01-neurons.ipynb")),
        (["02-perceptrons.ipynb"], b"02-perceptrons.ipynb"),
        (["01-neurons.ipynb.json"], b"01-neurons.ipynb.json"),
        (["01-NEURONS.IPYNB"], b"01-NEURONS.IPYNB"),
        (["essay.docx", "a.py"], intake.NONE.format("a.py, essay.docx")),
        (["work.zip"], intake.ZIPPED.format("work.zip")),
        (["work.zip", "a.ipynb"], b"a.ipynb"),
        ([".ipynb_checkpoints/01-neurons-checkpoint.ipynb", "a.ipynb"], b"a.ipynb"),
        (["bell\u0007\u202e.ipynb"], b"bell\x07\xe2\x80\xae.ipynb"),
    ],
)
def test_the_one_file_that_counts(tmp_path: Path, files: list[str], says: str | bytes) -> None:
    path = packed(
        tmp_path / "x.zip", [(f"ann/{name}", name.encode()) for name in files] + [("ben/b.ipynb", b"ok")]
    )
    people, data = taken(path)
    assert data == {"ann": says, "ben": b"ok"}
    assert people["ann"].file.isprintable()


def special(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


def test_hostile_members_of_a_zip_harm_their_student_alone(tmp_path: Path) -> None:
    files: Files = [
        (f"good/{NAME}", NOTEBOOK),
        (special(f"link/{NAME}", stat.S_IFLNK | 0o777), b"/etc/passwd"),
        (special(f"pipe/{NAME}", stat.S_IFIFO | 0o644), b""),
        (f"up/../../../etc/{NAME}", NOTEBOOK),
        (f"/etc/{NAME}", NOTEBOOK),
        (f"win\\..\\..\\{NAME}", NOTEBOOK),
        (f"windows\\{NAME}", NOTEBOOK),
        (f"bomb/{NAME}", bytes(50 << 20)),
        (f"large/{NAME}", os.urandom((8 << 20) + 1)),
        (f"exact/{NAME}", b" " * (8 << 20)),
    ]
    path = packed(tmp_path / "x.zip", files)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_LZMA) as archive:
        archive.writestr(f"lzma/{NAME}", NOTEBOOK)
    people, data = taken(path)
    assert data.pop("exact") == b" " * (8 << 20)
    assert data == {
        "good": NOTEBOOK,
        "link": intake.LINK,
        "pipe": intake.LINK,
        "up": intake.ASTRAY,
        "etc": intake.ASTRAY,
        "win": intake.ASTRAY,
        "windows": NOTEBOOK,
        "bomb": intake.LARGE,
        "large": intake.LARGE,
        "lzma": intake.PACKED,
    }
    assert all(one.place.strip("/").isidentifier() for one in people.values())


def test_damaged_and_lying_zips(tmp_path: Path) -> None:
    path = packed(
        tmp_path / "x.zip",
        [(f"ann/{NAME}", NOTEBOOK * 50), (f"ben/{NAME}", NOTEBOOK), (f"cy/{NAME}", NOTEBOOK)],
    )
    raw = bytearray(path.read_bytes())
    body = raw.index(NAME.encode()) + len(NAME)
    raw[body + 5 : body + 15] = bytes(10)  # Ann's bytes no longer fit their checksum
    second = raw.index(b"PK\x01\x02", raw.index(b"PK\x01\x02") + 4)
    flags = struct.unpack_from("<H", raw, second + 8)[0]
    struct.pack_into("<H", raw, second + 8, flags | 1)  # Ben's claims to be encrypted
    path.write_bytes(raw)
    assert taken(path)[1] == {"ann": intake.DAMAGED, "ben": intake.LOCKED, "cy": NOTEBOOK}


def test_names_in_odd_encodings(tmp_path: Path) -> None:
    path = packed(tmp_path / "x.zip", [(f"Jos_ Li/{NAME}", b"unmarked UTF-8"), (f"Zo_/{NAME}", b"cp437")])
    raw = path.read_bytes().replace(b"Jos_ Li", "José L".encode()).replace(b"Zo_", b"Zo\x89")
    path.write_bytes(raw)
    assert taken(path)[1] == {"José L": b"unmarked UTF-8", "Zoë": b"cp437"}
    folder = tmp_path / "folder"
    (folder / os.fsdecode(b"Zo\xeb")).mkdir(parents=True)
    (folder / os.fsdecode(b"Zo\xeb") / NAME).write_bytes(b"bytes that are no UTF-8")
    assert taken(folder)[1] == {"Zo\\xeb": b"bytes that are no UTF-8"}


def test_two_students_by_one_name_are_told(tmp_path: Path) -> None:
    path = packed(
        tmp_path / "x.zip",
        [(f"{name}/{NAME}", b"") for name in ("Ann", "ann", "Zo\u00e9", "Zoe\u0301", "ben")],
    )
    _, data = taken(path)
    assert data["ben"] == b""
    assert data["Ann"] == data["ann (2)"] == intake.CLASH.format("Ann, ann")
    assert len(data) == 5
    twice = tmp_path / "twice.zip"
    with pytest.warns(UserWarning, match="Duplicate name"):
        packed(twice, [(f"ann/{NAME}", b"one"), (f"ann/{NAME}", b"two"), (f"ben/{NAME}", b"ok")])
    assert taken(twice)[1] == {"ann": intake.SEVERAL.format(2, f"{NAME}, {NAME}"), "ben": b"ok"}


def test_links_and_pipes_in_a_folder_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / NAME).write_bytes(b"someone else's")
    folder = tmp_path / "subs"
    for student in ("link", "pipe", "good"):
        (folder / student).mkdir(parents=True)
    (folder / "link" / NAME).symlink_to(secret / NAME)
    (folder / "whole").symlink_to(secret)
    os.mkfifo(folder / "pipe" / NAME)
    (folder / "good" / NAME).write_bytes(b"mine")
    assert taken(folder)[1] == {
        "good": b"mine",
        "link": intake.LINK,
        "pipe": intake.LINK,
        "whole": intake.LINK,
    }
    with pytest.raises(Refused):  # put in place after the folder was read
        intake.read_file(folder / "link" / NAME)


PIECES = st.sampled_from(
    ["Ann", "ann", "ánn", "..", ".", "", "/", "\\", "C:", "_LATE", "_12_34_", "_7_assignsubmission_file_", " - ",
     "1-2 - Ann - Oct 2, ", "2026 1159 PM", "01-neurons", ".ipynb", ".zip", "\u202e", "\x07", "é", "e\u0301",
     "李", "x" * 120]
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(PIECES, min_size=1, max_size=7).map("".join), min_size=1, max_size=8, unique=True))
def test_whatever_the_names_every_notebook_is_somebodys(names: list[str]) -> None:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), NOTEBOOK)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.zip"
        path.write_bytes(whole.getvalue())
        try:
            people, data = taken(path)
        except IntakeError:
            assert not any(intake.NOTEBOOK.search(name) for name in names)
            return
    keys = [intake.fold(student) for student in people]
    assert len(set(keys)) == len(keys)
    for student, found in data.items():
        assert student
        assert student.isprintable()
        assert found == NOTEBOOK or (isinstance(found, str) and found[-1] in ".,")
        assert not people[student].place.startswith(("..", "/"))


@pytest.mark.parametrize("kind", ["missing", "text", "empty zip", "empty folder"])
def test_what_holds_no_hand_ins_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x.zip"
    if kind == "text":
        path.write_text("not a zip")
    elif kind == "empty zip":
        packed(path, [("readme.txt", b"")])
    elif kind == "empty folder":
        path.mkdir()
    with pytest.raises(IntakeError, match=r"x\.zip"):
        taken(path)


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("Wednesday, September 23, 2020, 9:00 PM", datetime(2020, 9, 23, 21, 0)),  # Moodle, American
        ("Wednesday, 23 September 2020, 12:05 AM", datetime(2020, 9, 23, 0, 5)),  # Moodle
        ("Oct 2, 2026 1200 PM", datetime(2026, 10, 2, 12, 0)),
        ("2 Oct 2026 23:59", datetime(2026, 10, 2, 23, 59)),
        ("Feb 31, 2026 100 PM", None),
        ("-", None),
    ],
)
def test_times_as_the_lms_writes_them(text: str, when: datetime | None) -> None:
    assert clock_time(text) == when
