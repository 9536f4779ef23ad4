"""What the judge finds out about one submission. Everything that comes after the judge reads this alone."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Literal

State = Literal["passed", "failed", "crashed", "too slow", "missing"]


@dataclass(frozen=True)
class Part:
    """One graded cell: what it is worth, what the submission earned, and what the student may read about it.

    ``said`` holds one sentence for each test that failed. It never holds a hidden test's source, its inputs,
    or the raw text of an exception.
    """

    grade_id: str
    points: float
    earned: float
    state: State
    said: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """The judge's word on one submission to one exercise.

    ``digest`` is the SHA-256 of the submission's bytes, ``judge`` that of the judge's own code and the master:
    together with the exercise they name the work done, so that nothing is ever done twice.
    ``refusal`` is a sentence for the student where the file could not be judged at all; then no part earns a
    point. ``remarks`` are for the teacher. ``sandbox`` is ``"bubblewrap"``, or ``"none"`` after ``--unsafe``.
    """

    exercise: str
    digest: str
    judge: str
    parts: tuple[Part, ...]
    refusal: str = ""
    remarks: tuple[str, ...] = ()
    seconds: float = 0.0
    sandbox: str = "bubblewrap"

    @property
    def points(self) -> float:
        """What the submission earned, before any rule about late work."""
        return sum(part.earned for part in self.parts)

    @property
    def slow(self) -> bool:
        """Whether time ran out somewhere: such a submission is judged once more, alone, before it counts."""
        return any(part.state == "too slow" for part in self.parts)

    def to_json(self) -> str:
        """Write the verdict as one line of JSON."""
        return json.dumps(dataclasses.asdict(self), ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Verdict:
        """Read what ``to_json`` wrote."""
        fields = json.loads(text)
        parts = tuple(Part(**{**part, "said": tuple(part["said"])}) for part in fields.pop("parts"))
        return cls(**{**fields, "remarks": tuple(fields["remarks"])}, parts=parts)
