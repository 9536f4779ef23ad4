"""The figures of the chapters, moved as a reader moves them: by mouse and by keyboard, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page

from tests.website.visit import CHAPTERS, Visit, unlock

FIGURE = ".nn-explorable"
# The picture is the drawing and the formula with its numbers below it.
STATE = """figure => [
  [...figure.querySelectorAll("canvas")].map(c => c.toDataURL()).join() +
  [...figure.querySelectorAll("svg, .nn-rule, .nn-sum")].map(s => s.outerHTML).join(),
  figure.querySelector("[role=status]").textContent ]"""


def figure_of(page: Page) -> Locator:
    figure = page.locator(FIGURE).first
    figure.scroll_into_view_if_needed()
    return figure


def state(figure: Locator) -> tuple[str, str]:
    """What is seen and what is said, once the figure has come to rest: speech waits half a second."""
    figure.page.wait_for_timeout(800)
    picture, spoken = figure.evaluate(STATE)
    return picture, spoken


@pytest.mark.parametrize("name", CHAPTERS)
def test_prediction_locks_the_figure_until_it_is_answered(visit: Visit, name: str) -> None:
    page = visit.open(name)
    cell = page.locator(".tag_explorable").first
    handles = cell.locator(".noUi-handle")
    assert handles.count() >= 1
    assert cell.get_attribute("data-locked") is not None
    assert handles.first.evaluate("e => !!e.closest('[inert]')")
    handles.first.evaluate("e => e.focus()")
    assert not handles.first.evaluate("e => e === document.activeElement")
    page.locator("form.nn-predict label").nth(1).click()
    assert cell.get_attribute("data-locked") is None
    assert handles.first.evaluate("e => !e.closest('[inert]')")
    assert len(page.locator("form.nn-predict .nn-feedback").first.inner_text()) > 20
    page.reload()
    page.wait_for_selector("html[data-live]")
    assert page.locator("[data-locked]").count() == 0, "the answer is remembered on this device"


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_slider_moves_picture_and_read_out_by_keyboard(visit: Visit, name: str) -> None:
    page = visit.open(name)
    unlock(page)
    figure = figure_of(page)
    after = state(figure)
    for i in range(figure.locator(".noUi-handle").count()):
        handle = figure.locator(".noUi-handle").nth(i)
        before = after
        shown = handle.get_attribute("aria-valuetext") or handle.get_attribute("aria-valuenow")
        handle.focus()
        for _ in range(8):
            page.keyboard.press("ArrowLeft")
        after = state(figure)
        assert (handle.get_attribute("aria-valuetext") or handle.get_attribute("aria-valuenow")) != shown
        assert after[0] != before[0], f"slider {i}: the picture stayed"
        assert after[1] != before[1], f"slider {i}: the read-out stayed: {after[1]}"
        assert after[1].strip()


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_slider_moves_picture_and_read_out_by_mouse(visit: Visit, name: str) -> None:
    page = visit.open(name)
    unlock(page)
    figure = figure_of(page)
    after = state(figure)
    for i in range(figure.locator(".noUi-handle").count()):
        handle = figure.locator(".noUi-handle").nth(i)
        handle.scroll_into_view_if_needed()
        before = after
        box = handle.bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x - 30, y, steps=6)
        page.mouse.up()
        after = state(figure)
        assert after[0] != before[0], f"slider {i}: the picture stayed"
        assert after[1] != before[1], f"slider {i}: the read-out stayed: {after[1]}"


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_figure_shown_without_an_answer_is_moved_and_reset(visit: Visit, name: str) -> None:
    page = visit.open(name)
    page.get_by_role("button", name="Show anyway").first.click()
    assert page.locator(".tag_explorable").first.get_attribute("data-locked") is None
    figure = figure_of(page)
    numbers = "f => [...f.querySelectorAll('.widget-readout')].map(e => e.textContent).join(' ')"
    first = figure.evaluate(numbers)
    figure.locator(".noUi-handle").first.focus()
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(100)
    assert figure.evaluate(numbers) != first
    figure.get_by_role("button", name="Reset", exact=True).click()
    page.wait_for_timeout(100)
    assert figure.evaluate(numbers) == first


@pytest.mark.parametrize("name", CHAPTERS)
def test_everything_to_press_is_large_enough_for_a_thumb_and_has_a_name(visit: Visit, name: str) -> None:
    page = visit.open(name)
    page.set_viewport_size({"width": 360, "height": 740})
    unlock(page)
    figure = figure_of(page)
    small = figure.evaluate(
        """f => [...f.querySelectorAll("button, label:has(input)")].filter(e => e.checkVisibility())
             .map(e => [e.textContent || e.getAttribute("aria-label"), e.getBoundingClientRect()])
             .filter(([, r]) => r.height < 43.5 || r.width < 40).map(([t, r]) => `${t} ${r.width}x${r.height}`)"""
    )
    assert small == []
    nameless = figure.evaluate(
        """f => [...f.querySelectorAll("button, .noUi-handle")]
             .filter(e => !(e.textContent.trim() || e.getAttribute("aria-label"))).length"""
    )
    assert nameless == 0


def test_the_point_of_chapter_1_is_dragged_and_stepped(visit: Visit) -> None:
    page = visit.open("chapters/01-neurons.html")
    unlock(page)
    figure = figure_of(page)
    point = figure.locator(".nn-handle")
    before = state(figure)
    point.focus()
    page.keyboard.press("ArrowRight")
    stepped = state(figure)
    assert stepped != before
    assert "x1 = 1.10" in (point.get_attribute("aria-label") or "")
    box = point.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 22, box["y"] + 22)
    page.mouse.down()
    page.mouse.move(box["x"] - 60, box["y"] + 70, steps=8)
    page.mouse.up()
    assert state(figure) != stepped


def test_the_reader_of_chapter_2_draws_points_of_both_classes(visit: Visit) -> None:
    page = visit.open("chapters/02-perceptrons.html")
    unlock(page)
    figure = figure_of(page)

    def points() -> tuple[int, int]:
        return figure.locator(".nn-plane .nn-pt.one").count(), figure.locator(".nn-plane .nn-pt.nil").count()

    figure.get_by_role("button", name="Clear").click()
    page.wait_for_timeout(150)
    assert points() == (0, 0)
    box = figure.locator(".nn-plane").first.bounding_box()
    assert box is not None
    figure.get_by_role("radio", name="adds orange").check(force=True)
    page.mouse.click(box["x"] + box["width"] * 0.7, box["y"] + box["height"] * 0.3)
    figure.get_by_role("radio", name="adds blue").check(force=True)
    page.mouse.click(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.6)
    page.wait_for_timeout(150)
    assert points() == (1, 1)


def test_the_landing_network_learns(visit: Visit) -> None:
    page = visit.open("index.html")
    hero = page.locator(".nn-hero")
    before = hero.evaluate("e => e.querySelector('canvas').toDataURL()")
    hero.get_by_role("button", name="Train this network").click()
    page.wait_for_function("+document.querySelector('.nn-stats b').textContent > 150", timeout=30_000)
    hero.get_by_role("button", name="Pause").click()
    assert hero.evaluate("e => e.querySelector('canvas').toDataURL()") != before
    page.wait_for_timeout(700)
    assert "Step" in hero.locator("[role=status]").inner_text()


@pytest.mark.parametrize("visit", [{"reduced_motion": "reduce"}], indirect=True)
def test_the_landing_network_learns_without_motion(visit: Visit) -> None:
    page = visit.open("index.html")
    page.get_by_role("button", name="Train 300 steps").click()
    page.wait_for_function("document.querySelector('.nn-stats b').textContent === '300'", timeout=30_000)


@pytest.mark.parametrize("name", CHAPTERS)
def test_quiz_explains_and_may_be_tried_again(visit: Visit, name: str) -> None:
    page = visit.open(name)
    quizzes = page.locator("form.nn-quiz").all()
    assert 2 <= len(quizzes) <= 4
    for quiz in quizzes:
        feedback = quiz.locator(".nn-feedback")
        quiz.locator("label:has(input:not([data-right]))").first.click()
        assert feedback.inner_text().startswith("Not quite.")
        assert len(feedback.inner_text()) > 40
        quiz.locator("label:has(input[data-right])").first.click()
        assert feedback.inner_text().startswith("Yes.")
        assert len(feedback.inner_text()) > 25


def test_quiz_is_answered_by_keyboard_without_being_judged_on_the_way(visit: Visit) -> None:
    page = visit.open(CHAPTERS[0])
    quiz = page.locator("form.nn-quiz").first
    feedback = quiz.locator(".nn-feedback")
    quiz.locator("input").first.focus()
    page.keyboard.press("ArrowDown")
    assert "Yes." not in feedback.inner_text()
    assert "Not quite." not in feedback.inner_text()
    page.keyboard.press("Enter")
    assert feedback.inner_text().startswith(("Yes.", "Not quite."))
    assert feedback.get_attribute("role") == "status"
