from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from grader import course
from grader.__main__ import EXERCISES
from grader.judge import Judge, SandboxError
from grader.master import Master

SECRET = bytes(range(32))


@pytest.fixture(scope="session")
def the_course() -> course.Course:
    return course.read(EXERCISES)


@pytest.fixture(scope="session")
def neurons(the_course: course.Course) -> Master:
    (master,) = the_course.masters(["01-neurons"])
    return master


def skip_without_sandbox(error: SandboxError) -> None:
    """Skip with the reason. Where REQUIRE_SANDBOX is set, a missing sandbox is a failure."""
    if os.environ.get("REQUIRE_SANDBOX"):
        raise error
    pytest.skip(str(error))


@pytest.fixture(scope="session")
def neuron_judge(neurons: Master) -> Iterator[Judge]:
    try:
        judge = Judge(neurons, secret=SECRET)
    except SandboxError as error:
        skip_without_sandbox(error)
    with judge:
        yield judge


@pytest.fixture(scope="session")
def target_judge() -> Iterator[Judge]:
    """A judge of the target of the attacks."""
    from tests.grader.hostile.notebooks import TARGET

    try:
        judge = Judge(TARGET, secret=SECRET)
    except SandboxError as error:
        skip_without_sandbox(error)
    with judge:
        yield judge
