"""The explorables in JupyterLab: they move under the reader's hand, and Python sees and sets their values."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Request, expect

from tests.website import lab
from tests.website.test_explorables import state

RULE = ("alpha", "start_w1", "start_w2", "start_b")
# What each explorable's sliders are tied to, from the first to the last.
FIGURES = {
    "neuron": ("w1", "w2", "b"),
    "perceptron": RULE,
    "activation": ("x", "steepness"),
    "xor": RULE,
}
QUESTION = """\
explorables.Question(
    "What is the sum at the origin?",
    [("0", False, "The bias stays."), ("The bias", True, "All else is 0.")],
)"""
CELLS = [
    "from nnlib import explorables",
    *(f"{name} = explorables.{name}()\n{name}" for name in FIGURES),
    QUESTION,
]
COLOURS = """() =>
  ["--nn-paper", "--nn-ink"].map((name) => getComputedStyle(document.body).getPropertyValue(name).trim())"""
# The mean of red, green and blue: of the letters, and of the first ground that is painted behind them.
LIGHTNESS = """(figure) => {
  const mean = (colour) => { const rgb = colour.match(/[\\d.]+/g).map(Number); return (rgb[0] + rgb[1] + rgb[2]) / 3; };
  const clear = (colour) => colour === "transparent" || /, 0\\)$/.test(colour);
  const text = figure.querySelector(".nn");
  let ground = text;
  while (ground.parentElement && clear(getComputedStyle(ground).backgroundColor)) ground = ground.parentElement;
  return [mean(getComputedStyle(text).color), mean(getComputedStyle(ground).backgroundColor)];
}"""


@pytest.fixture(scope="module")
def notebook(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[lab.Notebook]:
    """Return a notebook that holds every explorable and has been run; other hosts and errors fail."""
    home = tmp_path_factory.mktemp("lab")
    lab.write_notebook(home / "work" / "figures.ipynb", CELLS)
    troubles: list[str] = []
    with lab.server(home) as address:
        context = browser.new_context(viewport={"width": 1280, "height": 1000})
        context.set_default_timeout(15_000)
        page = context.new_page()

        def note(request: Request) -> None:
            if not request.url.startswith((address, address.replace("http", "ws"), "data:", "blob:")):
                troubles.append(f"request to another place: {request.url}")

        page.on("request", note)
        page.on("pageerror", lambda error: troubles.append(f"error: {error}"))
        page.on("console", lambda m: m.type == "error" and troubles.append(f"console: {m.text}"))
        page.goto(f"{address}lab/tree/figures.ipynb?reset")
        opened = lab.Notebook(page)
        opened.cells.nth(len(CELLS)).wait_for(state="attached", timeout=60_000)
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
        opened.menu("Run", "Run All Cells")
        opened.output(len(CELLS) - 1).locator(".nn-card").wait_for(timeout=60_000)
        yield opened
        context.close()
    assert not troubles


def figure(notebook: lab.Notebook, name: str) -> Locator:
    """Return an explorable whose handles stand."""
    found = notebook.output(1 + list(FIGURES).index(name)).locator(".nn-explorable")
    found.scroll_into_view_if_needed()
    expect(found.locator(".noUi-handle")).to_have_count(len(FIGURES[name]))
    return found


def shown(found: Locator, slider: int) -> float:
    """Return the number beside a slider."""
    text = found.locator(".widget-readout").nth(slider).text_content()  # inner_text is empty out of sight
    assert text
    return float(text.replace("−", "-"))


@pytest.mark.parametrize("name", FIGURES)
def test_python_sees_what_keyboard_and_mouse_set(notebook: lab.Notebook, name: str) -> None:
    found, values, page = figure(notebook, name), FIGURES[name], notebook.page
    picture, start = state(found)[0], shown(found, 1)
    found.locator(".noUi-handle").nth(1).focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    assert shown(found, 1) > start
    assert state(found)[0] != picture

    handle, start = found.locator(".noUi-handle").first, shown(found, 0)
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 30, y, steps=6)
    page.mouse.up()
    assert shown(found, 0) < start

    expected = [shown(found, 0), shown(found, 1)]
    said = notebook.ask(f"print({name}.{values[0]}, {name}.{values[1]})")
    assert [float(number) for number in said.split()] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("name", FIGURES)
def test_slider_and_picture_follow_python(notebook: lab.Notebook, name: str) -> None:
    found, values = figure(notebook, name), FIGURES[name]
    before = state(found)
    notebook.ask(f"{name}.{values[0]} = 0.5; {name}.{values[1]} = 2")
    assert shown(found, 0) == 0.5
    assert shown(found, 1) == 2
    picture, spoken = state(found)
    assert picture != before[0]
    assert spoken.strip()


def test_a_question_explains_the_answer(notebook: lab.Notebook) -> None:
    card = notebook.output(len(CELLS) - 1).locator(".nn-card")
    card.scroll_into_view_if_needed()
    card.get_by_text("The bias", exact=True).click()
    expect(card.locator(".nn-feedback")).to_contain_text("Yes. All else is 0.")


def test_the_dark_theme_of_jupyterlab_holds_for_the_figures(notebook: lab.Notebook) -> None:
    page = notebook.page
    planes = "e => [...e.querySelectorAll('canvas')].filter(c => c.width > 1).map(c => c.toDataURL())"
    light = {name: figure(notebook, name).evaluate(planes) for name in FIGURES}
    bright = page.evaluate(COLOURS)
    notebook.menu("Settings", "Theme", "JupyterLab Dark")
    page.wait_for_selector('body[data-jp-theme-light="false"]', state="attached")
    assert page.evaluate(COLOURS) != bright
    for name in FIGURES:
        found = figure(notebook, name)
        page.wait_for_timeout(300)  # a figure paints anew when it comes into sight
        for plane, before in zip(found.evaluate(planes), light[name], strict=True):
            assert plane != before, f"{name}: the plane keeps its light colours"
        ink, paper = found.evaluate(LIGHTNESS)
        assert ink > 180 > 60 > paper, f"{name}: ink {ink} on paper {paper}"


def test_no_figure_is_wider_or_higher_than_its_cell(notebook: lab.Notebook) -> None:
    for width in (1280, 860):  # JupyterLab's own bars take 350
        notebook.page.set_viewport_size({"width": width, "height": 1000})
        for name in FIGURES:
            found = figure(notebook, name)
            over = found.evaluate("e => [e.scrollWidth - e.clientWidth, e.scrollHeight - e.clientHeight]")
            assert max(over) <= 1, f"{name} at {width}: {over}"
