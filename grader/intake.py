"""Reads what students handed in: the zip of an LMS, a folder, or one notebook. Everything in it is hostile until judged.

Nothing is unpacked to disk, so no name can lead anywhere, and nothing of what is read is run. What is wrong
with one student's hand-in becomes a sentence for that student; the others go on.

The layouts, as the LMSs write them:

- Canvas: ``leeann_LATE_12_345_01-neurons-1.ipynb``: name, late mark, the student's number, the upload's number, the
  file; ``anon_x7Yq2_345_file.ipynb`` where grading is anonymous;
- Brightspace: ``12345-67890 - Ann Lee - Oct 2, 2026 1159 PM/file.ipynb``, one folder for each hand-in;
- Moodle: ``Ann Lee_123_assignsubmission_file_/file.ipynb``, or the same in one name when it is set to use no folders;
- any other: one folder for each student, or one notebook for each, which bears the student's name.

Which file counts, when a student has several: those of the newest hand-in, where the LMS says which is newest
(Brightspace by its date); of these the one that is named after the exercise; of several such, the last
upload, where the LMS numbers them (Canvas). If that leaves more than one, none counts.
"""

from __future__ import annotations

import os
import re
import stat
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final

from grader.submission import MAX_FILE, Refused, plain

MAX_MEMBERS: Final = 200_000
MAX_DEPTH: Final = 12
NOTEBOOK: Final = re.compile(r"\.ipynb(?:\.json|\.txt)?$", re.IGNORECASE)  # browsers add the second ending
JUNK: Final = {"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini", ".ipynb_checkpoints"}

LINK = "The file is a link or a special file, not a notebook. Hand in the notebook itself."
LARGE = "The file is larger than 8 MiB. Clear all outputs, save, and hand in again."
DAMAGED = "The file is damaged and can't be read. Save the notebook and hand in again."
ASTRAY = "The name of the file leads out of the folder that it was handed in to. Rename it and hand in again."
LOCKED = "The file is encrypted. Hand in the notebook without a password."
PACKED = "The file is packed in a way that no LMS uses. Hand in the notebook itself."
SEVERAL = "{} notebooks were handed in together, and nothing says which of them counts: {}. Hand in one."
NONE = "The hand-in holds no notebook (.ipynb), but {}. Hand in the notebook itself."
ZIPPED = "The hand-in is a zip, {}. Hand in the notebook (.ipynb) itself, not packed."
CLASH = "Several hand-ins go by one name, but for capitals or accents: {}. Rename their folders or files."


class IntakeError(Exception):
    """There is nothing that could be graded. The text says what to give in place of it."""


@dataclass(frozen=True)
class Handed:
    """What one student handed in: the file that counts, or why none does.

    ``student`` is unique, and the same for every exercise where the LMS allows it. ``number`` is the LMS's own for the
    student. ``place`` is what the LMS wants to stand before the name of a file that goes back to the student.
    """

    student: str
    name: str
    lms: str = ""
    number: str = ""
    file: str = ""
    place: str = ""
    when: datetime | None = None
    late: bool = False
    problem: str = ""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Member:
    """A file of the zip or folder, by the parts of its path."""

    parts: tuple[str, ...]
    handle: zipfile.ZipInfo | Path
    problem: str = ""


@dataclass(frozen=True)
class _Piece:
    """A member, and whose it is by its name. ``order`` says which of two uploads of one hand-in is the later."""

    member: _Member
    name: str
    file: str
    lms: str = ""
    number: str = ""
    place: str = ""
    when: datetime | None = None
    order: int = 0
    late: bool = False


@dataclass
class Intake:
    """All hand-ins of one zip or folder, in the order of the students. ``strays`` belong to no student."""

    path: Path
    exercise: str
    students: list[Handed] = field(default_factory=list)
    strays: list[str] = field(default_factory=list)
    _members: dict[str, _Member] = field(default_factory=dict)
    _open: ExitStack = field(default_factory=ExitStack)
    _archive: zipfile.ZipFile | None = None

    def __enter__(self) -> Intake:
        """Read all names; a student's bytes are read when they are asked for."""
        members = self._list()
        if len(members) > MAX_MEMBERS:
            raise IntakeError(f"{self.path} holds more than {MAX_MEMBERS} files. Name the LMS's own zip.")
        pieces = []
        for member in _unwrapped(members, self.exercise):
            piece = _piece(member)
            if piece:
                pieces.append(piece)
            else:
                self.strays.append(_line("/".join(member.parts), 100))
        for handed, chosen in _students(pieces, self.exercise):
            self.students.append(handed)
            if chosen:
                self._members[handed.student] = chosen
        if not self.students:
            raise IntakeError(
                f"{self.path} holds no hand-in. Name the zip that the LMS gives for all submissions, a folder with "
                "one folder for each student, or a notebook."
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the zip."""
        self._open.close()

    def read(self, handed: Handed) -> bytes:
        """Give the bytes of the file that counts, or raise Refused."""
        if handed.problem:
            raise Refused(handed.problem)
        handle = self._members[handed.student].handle
        if isinstance(handle, Path):
            return read_file(handle)
        if self._archive is None:
            raise ValueError("the intake is closed")
        return _unpack(self._archive, handle)

    def _list(self) -> list[_Member]:
        try:
            mode = os.stat(self.path).st_mode
            if stat.S_ISDIR(mode):
                return sorted(_walk(self.path, ()), key=lambda member: member.parts)
            if NOTEBOOK.search(self.path.name):
                return [_Member((self.path.name,), self.path)]
            self._archive = self._open.enter_context(zipfile.ZipFile(self.path))
        except FileNotFoundError:
            raise IntakeError(f"{self.path}: no such file or folder.") from None
        except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError):
            raise IntakeError(
                f"{self.path} is neither a zip, nor a folder, nor a notebook. Download the submissions again."
            ) from None
        return [_zipped(info) for info in self._archive.infolist() if not info.filename.endswith("/")]


def one(folder: Path, exercise: str) -> bytes:
    """Give the notebook that counts in a folder that is all one student's, or raise Refused."""
    pieces = [_Piece(member, "", member.parts[-1]) for member in _walk(folder, ())]
    if not pieces:
        raise Refused(NONE.format("no file at all"))
    handed, member = _choose("", sorted(pieces, key=lambda piece: piece.file), exercise, "")
    if member is None or not isinstance(member.handle, Path):
        raise Refused(handed.problem)
    return read_file(member.handle)


def _line(text: str, limit: int) -> str:
    """Give a name that is safe to show and to keep: one line, bounded, the same for the same letters."""
    known = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return " ".join(plain(unicodedata.normalize("NFC", known), limit).split())


def read_file(path: Path) -> bytes:
    """Give the bytes of a regular file of bounded size, never those of what a link points at; or raise Refused."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        raise Refused(LINK if path.is_symlink() else DAMAGED) from None
    with os.fdopen(file, "rb") as opened:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise Refused(LINK)
        return _bounded(opened.read(MAX_FILE + 1))


def _bounded(data: bytes) -> bytes:
    if len(data) > MAX_FILE:
        raise Refused(LARGE)
    return data


def _walk(folder: Path, parts: tuple[str, ...]) -> Iterator[_Member]:
    """Give every file below a folder. Links are named, never followed."""
    with os.scandir(folder) as entries:
        for entry in entries:
            here = (*parts, entry.name)
            if entry.is_dir(follow_symlinks=False):
                if len(here) < MAX_DEPTH:
                    yield from _walk(Path(entry.path), here)
            else:
                odd = not entry.is_file(follow_symlinks=False)
                yield _Member(here, Path(entry.path), LINK if odd else "")


def _zipped(info: zipfile.ZipInfo) -> _Member:
    """Take a member of a zip by its name, and say what is wrong with it."""
    name = info.orig_filename
    if not info.flag_bits & 0x800:  # no mark of UTF-8: many write it nevertheless
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    parts = tuple(part for part in name.replace("\\", "/").split("/") if part not in ("", "."))
    problem = ""
    if ".." in parts or name.startswith(("/", "\\")) or name[1:2] == ":" or "\0" in name:
        problem = ASTRAY
    elif stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
        problem = LINK
    elif info.flag_bits & 1:
        problem = LOCKED
    elif info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        problem = PACKED
    return _Member(parts or ("(no name)",), info, problem)


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """Unpack one member in memory: as many bytes as are allowed, whatever the zip says of its size."""
    try:
        with archive.open(info) as file:
            data = file.read(MAX_FILE + 1)
    except (
        Exception
    ):  # what a broken member raises has no common class: zlib, CRC, offsets, names that differ
        raise Refused(DAMAGED) from None
    return _bounded(data)


def _unwrapped(members: Iterable[_Member], exercise: str) -> list[_Member]:
    """Leave junk out, and the one folder around everything that packing a folder again leaves."""
    kept = [member for member in members if not JUNK.intersection(member.parts)]
    tops = {member.parts[0] for member in kept}
    if len(tops) != 1 or any(len(member.parts) < 2 for member in kept):
        return kept
    if any(layout.fullmatch(top) for top in tops for layout in (MOODLE, BRIGHTSPACE)):
        return kept
    inner = [_Member(member.parts[1:], member.handle, member.problem) for member in kept]
    told = any(_LMS.match(member.parts[0]) for member in inner)
    nested = all(len(member.parts) > 1 for member in inner) and {m.parts[0] for m in inner} != {exercise}
    return inner if told or nested else kept


_DATE = r"(?:\w+ \d{1,2}, \d{4}|\d{1,2} \w+,? \d{4}),? \d{1,2}[:.]?\d\d(?: ?[AaPp]\.?[Mm]\.?)?"
MOODLE: Final = re.compile(
    r"(?P<name>.*?)_(?P<number>\d+)_assignsubmission_[a-z]+(?:_(?P<file>.+))?_?", re.DOTALL
)
BRIGHTSPACE: Final = re.compile(
    rf"(?P<number>\d+)-\d+ - (?P<name>.+) - (?P<when>{_DATE}|[^-]+)(?: - (?P<file>.+))?", re.DOTALL
)
CANVAS: Final = re.compile(
    r"(?P<name>.*?)(?P<late>_LATE)?_(?P<number>\d+)_(?P<upload>\d+)_(?P<file>.+)", re.DOTALL
)
ANONYMOUS: Final = re.compile(
    r"(?P<late>LATE_)?(?P<name>anon)_(?P<number>[A-Za-z0-9]+)_(?P<upload>\d+)_(?P<file>.+)", re.DOTALL
)
PAGE: Final = re.compile(
    r"(?P<name>.*?)(?P<late>_LATE)?_(?P<number>\d+)_(?P<file>(?:text|link)\.html)", re.DOTALL
)
_LMS: Final = re.compile(
    "|".join(f"(?:{re.sub('[?]P<[a-z]+>', '', p.pattern)})$" for p in (MOODLE, BRIGHTSPACE, CANVAS))
)


def _piece(member: _Member) -> _Piece | None:
    """Tell from the first part of the path whose a file is. What follows is the student's to name, and proves nothing."""
    top, alone = member.parts[0], len(member.parts) == 1
    file = member.parts[-1]
    for lms, layout in (("moodle", MOODLE), ("brightspace", BRIGHTSPACE)):
        found = layout.fullmatch(top)
        if found and (not alone or found["file"]):
            name, own = _line(found["name"], 100), (found["file"] or "") if alone else file
            place = top[: len(top) - len(own)] if alone else f"{top}/"
            when = _when(found.groupdict().get("when"))
            return _Piece(member, name, own, lms, found["number"], place, when)
    for layout in (ANONYMOUS, CANVAS, PAGE) if alone else ():
        if found := layout.fullmatch(top):
            name, own, upload = _line(found["name"], 100), found["file"], found.groupdict().get("upload")
            return _Piece(
                member, name, own, "canvas", found["number"], top[: len(top) - len(own)], None,
                int(upload or 0), bool(found["late"]),
            )  # fmt: skip
    if not alone:
        return _Piece(member, _line(top, 100), file, place=f"{top}/")
    if NOTEBOOK.search(top) or member.problem:
        return _Piece(member, _line(NOTEBOOK.sub("", top), 100), top, place=f"{NOTEBOOK.sub('', top)}_")
    return None


_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_CLOCK: Final = re.compile(
    r"(?P<day>\d{1,2}) (?P<year>\d{4}) (?P<hour>\d{1,2}?)[:.]?(?P<minute>\d\d)(?!\d) ?(?P<half>[ap]?)"
)


def _when(text: str | None) -> datetime | None:
    """Read ``Oct 2, 2026 1159 PM`` or ``02 October 2026 1159 PM``: a time without a zone."""
    return clock_time(text) if text else None


def clock_time(text: str) -> datetime | None:
    """Read the time that an LMS writes in English, with or without the day of the week; None for any other."""
    words = text.lower().replace(",", " ").replace(".m.", "").split()
    months = [_MONTHS[word[:3]] for word in words if word[:3] in _MONTHS]
    rest = " ".join(word for word in words if word[:3] not in _MONTHS and not word.endswith("day"))
    found = _CLOCK.match(rest)
    if not months or not found:
        return None
    hour = int(found["hour"])
    if found["half"]:
        hour = hour % 12 + 12 * (found["half"] == "p")
    try:
        return datetime(int(found["year"]), months[0], int(found["day"]), hour, int(found["minute"]))
    except ValueError:
        return None


def fold(name: str) -> str:
    """Give what is left of a name when capitals and accents no longer count."""
    parts = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in parts if not unicodedata.combining(c))


def _students(pieces: list[_Piece], exercise: str) -> Iterator[tuple[Handed, _Member | None]]:
    """Put each student's files together, and choose."""
    owners: dict[tuple[str, str, str], list[_Piece]] = {}
    for piece in pieces:
        owners.setdefault((piece.lms, piece.name, piece.number or piece.place), []).append(piece)
    namesakes = Counter((lms, fold(name)) for lms, name, _ in owners)
    taken: set[str] = set()
    for (lms, name, number), own in sorted(owners.items(), key=lambda item: (fold(item[0][1]), item[0])):
        alike = namesakes[lms, fold(name)] > 1
        student = f"{name}_{number}".strip("_") if lms == "canvas" or (lms and alike) else name
        student = student or "(no name)"
        clash = ""
        if fold(student) in taken or (alike and not lms):
            clash = CLASH.format(_several(sorted({key[1] for key in owners if fold(key[1]) == fold(name)})))
        copy = 1
        while fold(unique := student if copy == 1 else f"{student} ({copy})") in taken:
            copy += 1
        taken.add(fold(unique))
        yield _choose(unique, own, exercise, clash)


def _choose(student: str, own: list[_Piece], exercise: str, clash: str) -> tuple[Handed, _Member | None]:
    """Choose the file that counts, by the rule at the head of this file."""
    times = [piece.when for piece in own if piece.when]
    latest = max(times, default=None)
    newest = [piece for piece in own if piece.when == latest]
    notebooks = [piece for piece in newest if NOTEBOOK.search(piece.file)]
    named = [piece for piece in notebooks if _is_named(piece.file, exercise)]
    best = named or notebooks
    last = max((piece.order for piece in best), default=0)
    best = [piece for piece in best if piece.order == last]
    one = best[0] if best else newest[0]
    remarks = []
    if len(own) > 1 and len(best) == 1:
        others = sorted(_line(piece.file, 60) for piece in own if piece is not one)
        remarks.append(f"Also handed in, and not graded: {_several(others)}.")
    if best and not _is_named(one.file, exercise):
        remarks.append(f"The file is not named {exercise}.ipynb, but {_line(one.file, 60)}.")
    problem = clash or _problem(newest, best)
    handed = Handed(
        student, one.name, one.lms, one.number, _line(one.file, 100), _sendable(one.place), one.when,
        any(piece.late for piece in newest), problem, tuple(remarks),
    )  # fmt: skip
    return handed, None if problem else one.member


def _sendable(place: str) -> str:
    """Give the place if it can be written into a zip again, or nothing."""
    bad = place.startswith("..") or any(unicodedata.category(c)[0] == "C" for c in place)
    return "" if bad else place


def _problem(newest: list[_Piece], best: list[_Piece]) -> str:
    if len(best) > 1:
        return SEVERAL.format(len(best), _several(sorted(_line(piece.file, 60) for piece in best)))
    if best:
        return best[0].member.problem
    if odd := [piece for piece in newest if piece.member.problem]:
        return odd[0].member.problem
    files = sorted(_line(piece.file, 60) for piece in newest)
    if zips := [file for file in files if file.lower().endswith((".zip", ".7z", ".rar", ".tar", ".gz"))]:
        return ZIPPED.format(zips[0])
    return NONE.format(_several(files))


def _several(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= 5 else f"{', '.join(names[:4])} and {len(names) - 4} more"


def _is_named(file: str, exercise: str) -> bool:
    """Tell whether a file has the exercise's name, with the number that an LMS or a browser adds to a second copy."""
    stem = NOTEBOOK.sub("", file).casefold()
    return bool(
        re.fullmatch(rf"{re.escape(exercise.casefold())}(?:[ _-]?\(?\d+\)?| ?- ?copy(?:\d+)?)?", stem)
    )
