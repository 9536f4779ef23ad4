from __future__ import annotations

import pytest

from grader import course
from grader.__main__ import EXERCISES
from grader.master import Master


@pytest.fixture(scope="session")
def the_course() -> course.Course:
    return course.read(EXERCISES)


@pytest.fixture(scope="session")
def neurons(the_course: course.Course) -> Master:
    (master,) = the_course.masters(["01-neurons"])
    return master
