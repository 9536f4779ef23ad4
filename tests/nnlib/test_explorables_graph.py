"""Explorable of chapter 11: the page reads expressions as Python does, and differentiates them as nnlib does."""

import re
from importlib.resources import files

import numpy as np
import pytest
from traitlets import TraitError

import nnlib
from nnlib.explorables import Explorable, graph
from nnlib.explorables._base import module
from nnlib.explorables.graph import FUNCTIONS, formula
from tests.nnlib.page import parses, run_js

EXPRESSIONS = [
    "sin(x*y) + x**2",
    "x",
    "y",
    "3",
    "-2.5 + pi",
    "-x**2",
    "(-x)**2",
    "2**-x",
    "x**2**y",
    "-x**-2",
    "x*x",
    "x*x*x*x",
    "x - y - 1",
    "x - (y - 1)",
    "x / y / 2",
    "x / (y / 2)",
    "x * y / x * y",
    "2*x - -y",
    "--x",
    "+x*+y",
    "x**y",
    "(x + y) * (x - y)",
    "exp(-x**2) * cos(3*y)",
    "sigmoid(2*x - y + 1) * tanh(x*y) + x**2",
    "relu(x - y) + relu(y - x)",
    "abs(x) * abs(y)",
    "sqrt(x**2 + y**2)",
    "log(x**2 + 1) / log(y**2 + 2)",
    "tan(x / 4) - tan(y / 4)",
    "sin(sin(sin(sin(x))))",
    "1e-3*x + .5*y + 2.*x*y + 1E2",
    "( ( x ) )",
    "x**0 + y**1 + x**0.5",
    "sin(2)*x + cos(0)*y",
    "2 * 3 * x + x / (1 + 1)",
    "((sin(x) + cos(y)) + (exp(x) + tanh(y))) * (x + y)",
    "π·x − y×2 ÷ 3",
]
POINTS = [
    [0.7, 1.3],
    [1.5, 0.5],
    [-1.2, 2.0],
    [2.3, -0.4],
    [-0.85, -2.95],
    [0.0, 1.0],
    [1.0, 0.0],
    [3.0, 3.0],
]

# Each of these gets its message at its place: the words, the text that is marked, and where it begins.
MISTAKES = [
    ("", "Type an expression", "", 0),
    ("   ", "Type an expression", "", 0),
    ("x +", "Something is missing after +.", "", 3),
    ("x + ", "Something is missing after +.", "", 3),
    ("* x", "Something is missing before *.", "*", 0),
    ("(* x)", "Something is missing before *.", "*", 1),
    ("x */ y", "Something is missing between * and /.", "/", 3),
    ("(x + )", "Something is missing between + and ).", ")", 5),
    ("()", "These brackets are empty.", ")", 1),
    ("sin()", "sin needs something in its brackets, as in sin(x).", ")", 4),
    ("sin x", "After sin comes a bracket, as in sin(x).", "sin", 0),
    ("2*sin", "After sin comes a bracket, as in sin(x).", "sin", 2),
    ("sin(x + (y)", "This bracket is never closed.", "(", 3),
    ("x) + y", "This bracket closes nothing", ")", 1),
    ("2x", "write 2*x.", "x", 1),
    ("x y", "write x*y.", "y", 2),
    ("x(y)", "A sign is missing here.", "(", 1),
    ("(x)(y)", "A sign is missing here.", "(", 3),
    ("xy", "write x*y.", "xy", 0),
    ("x ^ 2", "For a power write **, as in x**2.", "^", 2),
    ("x²", "For a power write **, as in x**2.", "²", 1),
    ("y = x", "Leave the = away", "=", 2),
    ("1,5*x", "Write decimals with a point", ",", 1),
    ("sin(x, y)", "each function takes one number", ",", 5),
    ("1.2.3*x", "1.2.3 is no number.", "1.2.3", 0),
    ("01*x", "01 is no number.", "01", 0),
    ("1e999*x", "This number is too large.", "1e999", 0),
    ("X + 1", "Write x in small letters.", "X", 0),
    ("Sin(x)", "Write sin in small letters.", "Sin", 0),
    ("1 + sinx", "Brackets are missing: write sin(x).", "sinx", 4),
    ("ln(x)", "Try log.", "ln", 0),
    ("np.sin(x)", "Leave np and the point away", "np", 0),
    ("x + z", "There is no z here. The inputs are x and y", "z", 4),
    ("x.real", "The sign . means nothing here.", ".", 1),
    ("x @ y", "The sign @ means nothing here.", "@", 2),
    ("x; y", "The sign ; means nothing here.", ";", 1),
    ("x if y", "A sign is missing here.", "if", 2),
    ("[x]", "The sign [ means nothing here.", "[", 0),
    ("__import__('os')", "There is no __import__ here.", "__import__", 0),
    ("constructor(x)", "There is no constructor here.", "constructor", 0),
    ("x.constructor", "The sign . means nothing here.", ".", 1),
    ("(x=>x)(1)", "Leave the = away", "=", 2),
    ("x + " * 20 + "y", "This is too long: 80 characters fit.", "y", 80),
    ("+".join(["x*y"] * 8), "These are 15 operations. The picture has room for 12.", "+", 23),
]


DERIVE = """return data.map(([text, [x, y]]) => {
  const { nodes, error } = m.parseExpression(text);
  if (error) throw new Error(text + ": " + error.say);
  const run = m.expressionValues(nodes, { x, y }), back = m.expressionAdjoints(nodes, run);
  const at = (op) => nodes.findIndex((n) => n.op === op), reverse = (op) => (at(op) < 0 ? 0 : back[at(op)]);
  const forward = (op) => m.expressionTangents(nodes, run, op).at(-1);
  return [run.values.at(-1), forward("x"), forward("y"), reverse("x"), reverse("y")];
});"""


def by_nnlib(text, x, y):
    """Return value and both slopes, by each of grad, jvp and vjp."""
    f = formula(text)
    with np.errstate(all="ignore"):
        x, y = np.float64(x), np.float64(y)
        value = f(x, y)
        slopes = [nnlib.grad(lambda a: f(a, y) + 0.0 * a)(x), nnlib.grad(lambda b: f(x, b) + 0.0 * b)(y)]
        forward = [
            nnlib.jvp(lambda a: f(a, y), (x,), (1.0,))[1],
            nnlib.jvp(lambda b: f(x, b), (y,), (1.0,))[1],
        ]
        reverse = [nnlib.vjp(lambda a: f(a, y), x)[1](1.0)[0], nnlib.vjp(lambda b: f(x, b), y)[1](1.0)[0]]
    return [float(v) for v in (value, *slopes)], [float(v) for v in (*forward, *reverse)]


def random_expression(rng, depth):
    """An expression of Python, drawn at random."""
    kind = rng.integers(6) if depth else rng.integers(2)
    if kind == 0:
        return str(rng.choice(["x", "y"]))
    if kind == 1:
        return str(rng.choice(["x", "y", "2", "0.5", "3", "pi"]))
    inner = random_expression(rng, depth - 1)
    if kind == 2:
        return f"{rng.choice(['sin', 'cos', 'tanh', 'sigmoid', 'relu', 'abs', 'exp', 'sqrt', 'log', 'tan'])}({inner})"
    if kind == 3:
        return f"-{inner}" if inner[0] != "-" else f"({inner})"
    sign = rng.choice([" + ", "-", "*", " / ", "**"])
    other = random_expression(rng, depth - 1)
    return f"({inner}){sign}{other}" if kind == 4 else f"{inner}{sign}{other}"


# ---- numbers -----------------------------------------------------------------------------------------------


def compare(cases, found):
    compared = 0
    for (text, (x, y)), ours in zip(cases, found, strict=True):
        numbers = [float(str(v).replace("Infinity", "inf")) for v in ours]
        want, modes = by_nnlib(text, x, y)
        np.testing.assert_allclose(numbers[0], want[0], rtol=1e-12, atol=1e-12, err_msg=f"{text} at {x}, {y}")
        if np.isfinite([*want, *modes]).all():
            np.testing.assert_allclose(modes, want[1:] * 2, rtol=1e-12, atol=1e-12)
            np.testing.assert_allclose(
                numbers[1:], want[1:] * 2, rtol=1e-12, atol=1e-12, err_msg=f"{text} at {x}, {y}"
            )
            compared += 1
    return compared


def test_values_and_slopes_of_both_modes_are_those_of_nnlib(tmp_path):
    cases = [[text, point] for text in EXPRESSIONS for point in POINTS]
    assert compare(cases, run_js(tmp_path, DERIVE, cases)) > 0.8 * len(cases)


def test_random_expressions_are_read_and_differentiated_as_by_nnlib(tmp_path):
    rng = np.random.default_rng(11)
    texts = []
    while len(texts) < 400:
        text = random_expression(rng, 3)
        if len(text) <= 80 and ("x" in text or "y" in text) and sum(map(text.count, "+-*/(")) < 13:
            texts.append(text)
    cases = [[text, rng.uniform(-2, 2, 2).tolist()] for text in texts]
    assert compare(cases, run_js(tmp_path, DERIVE, cases)) > 200


def test_kinks_have_the_slope_of_nnlib(tmp_path):
    cases = [["relu(x)", [0, 0]], ["abs(x)", [0, 0]], ["relu(x) - relu(-x)", [0, 0]], ["x**2", [0, 0]]]
    assert [r[1] for r in run_js(tmp_path, DERIVE, cases)] == [0, 0, 0, 0]
    assert compare(cases, run_js(tmp_path, DERIVE, cases)) == 4


def test_a_slope_by_one_input_does_not_fall_ill_from_the_other(tmp_path):
    ((value, by_x, by_y, back_x, back_y),) = run_js(tmp_path, DERIVE, [["x**y", [-1.5, 2]]])
    assert (value, by_x, back_x) == (2.25, -3, -3)
    assert by_y == back_y == "NaN"  # there is no real power near y = 2


def test_the_last_nodes_pass_their_adjoints_on_first(tmp_path):
    steps = run_js(
        tmp_path,
        """const { nodes } = m.parseExpression("sin(x*y) + x**2"), run = m.expressionValues(nodes, { x: 1.5, y: 0.5 });
        return [0, 1, 2, 3, 4].map((k) => m.expressionAdjoints(nodes, run, k).filter((_, i) => nodes[i].op !== "const"));""",
        None,
    )
    slope, last = np.cos(0.75), [0, 0, 0, 0, 0, 1]  # in the order x, y, x*y, sin, x**2, +
    want = [last, [0, 0, 0, 1, 1, 1], [3, 0, 0, 1, 1, 1], [3, 0, slope, 1, 1, 1]]
    want.append([3 + 0.5 * slope, 1.5 * slope, slope, 1, 1, 1])
    np.testing.assert_allclose(steps, want, rtol=1e-12)


def test_forward_mode_costs_one_run_an_input_and_reverse_mode_one(tmp_path):
    body = "return data.map((text) => m.expressionCost(m.parseExpression(text).nodes));"
    two, one, none, fixed = run_js(tmp_path, body, ["sin(x*y) + x**2", "2*x + 1", "3", "x"])
    assert two == {"operations": 4, "inputs": 2, "edges": 6, "forward": 12, "reverse": 6}
    assert one == {"operations": 2, "inputs": 1, "edges": 2, "forward": 2, "reverse": 2}
    assert none == {"operations": 0, "inputs": 0, "edges": 0, "forward": 0, "reverse": 0}
    assert fixed["inputs"] == 1


# ---- reading -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def complaints(tmp_path_factory):
    texts = [text for text, *_ in MISTAKES]
    body = "return data.map((text) => m.parseExpression(text).error ?? null);"
    return dict(zip(texts, run_js(tmp_path_factory.mktemp("js"), body, texts), strict=True))


@pytest.mark.parametrize(("text", "say", "marked", "at"), MISTAKES)
def test_a_mistake_is_named_and_marked_at_its_place(complaints, text, say, marked, at):
    error = complaints[text]
    assert error is not None
    assert say in error["say"]
    assert error["at"] == at
    assert text[at : at + error["length"]].strip() == marked.strip()
    with pytest.raises(ValueError, match=r"picture has room|can't be read|Write it with"):
        formula(text)


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_python_reads_what_the_page_reads(text):
    assert np.shape(formula(text)(0.3, 0.4)) == ()


def test_nothing_that_is_typed_can_run(tmp_path):
    rng = np.random.default_rng(0)
    parts = [
        "x",
        "y",
        "sin",
        "(",
        ")",
        "+",
        "-",
        "**",
        "*",
        "/",
        "1",
        ".",
        "e",
        ",",
        "^",
        "'",
        "`",
        "$",
        "\\",
        " ",
    ]
    texts = ["".join(rng.choice(parts, rng.integers(1, 14))) for _ in range(3000)]
    found = run_js(
        tmp_path,
        """return data.map((text) => { const r = m.parseExpression(text);
          return r.error ? [r.error.at, r.error.length, r.error.say] : null; });""",
        texts,
    )
    assert any(error is None for error in found)
    for text, error in zip(texts, found, strict=True):
        if error is None:
            formula(text)  # Python reads it, too
        else:
            at, length, say = error
            assert 0 <= at <= len(text)
            assert length >= 1
            assert re.search(r"[.]$", say)


def test_no_module_evaluates_text():
    for name in ("math", "graph"):
        source = files("nnlib.explorables").joinpath(f"{name}.js").read_text(encoding="utf-8")
        assert not re.search(r"\beval\b|\bFunction\(|setTimeout\(\s*[\"'`]", source)


def test_every_function_can_be_named_on_both_sides(tmp_path):
    assert run_js(tmp_path, "return m.EXPRESSION_NAMES;", None) == list(FUNCTIONS)


# ---- the picture -------------------------------------------------------------------------------------------


def test_boxes_of_one_layer_do_not_touch_and_edges_lead_on(tmp_path):
    found = run_js(
        tmp_path,
        """return data.map((text) => { const { nodes } = m.parseExpression(text);
          return [nodes, m.expressionLayout(nodes)]; });""",
        EXPRESSIONS,
    )
    for text, (nodes, layout) in zip(EXPRESSIONS, found, strict=True):
        places = [spot for spot in layout["at"] if spot]
        assert len(places) == sum(n["op"] != "const" for n in nodes) or text == "-2.5 + pi" or text == "3"
        for k, (layer, place) in enumerate(places):
            assert 0 <= layer <= layout["depth"]
            assert -1e-9 <= place <= layout["span"] + 1e-9
            for other, beside in places[:k]:
                assert other != layer or abs(place - beside) > 1 - 1e-9, text
        assert len(layout["edges"]) == sum(nodes[j]["op"] != "const" for n in nodes for j in n["args"])
        for edge in layout["edges"]:
            start, end = layout["at"][edge["from"]][0], layout["at"][edge["to"]][0]
            assert [layer for layer, _ in edge["via"]] == list(range(start + 1, end))


def test_a_box_lies_on_no_edge_that_passes_by(tmp_path):
    body = "return data.map((text) => m.expressionLayout(m.parseExpression(text).nodes));"
    for text, layout in zip(EXPRESSIONS, run_js(tmp_path, body, EXPRESSIONS), strict=True):
        for layer, place in (via for edge in layout["edges"] for via in edge["via"]):
            near = [abs(place - p) for k, p in filter(None, layout["at"]) if k == layer]
            assert min(near, default=1) > 0.69, text


def test_the_graph_of_the_chapter_is_wide_rather_than_tall(tmp_path):
    layout = run_js(tmp_path, 'return m.expressionLayout(m.parseExpression("sin(x*y) + x**2").nodes);', None)
    assert layout["depth"] == 3
    assert layout["span"] < 2


def test_the_page_gets_one_module_that_parses(tmp_path):
    source = module("graph")
    assert "import {" not in source
    parses(tmp_path, source)


# ---- Python ------------------------------------------------------------------------------------------------


def test_value_and_gradient_follow():
    figure = graph("x**2 * y", x=3.0, y=2.0)
    assert isinstance(figure, Explorable)
    assert (figure.value, figure.gradient) == (18.0, (12.0, 9.0))
    figure.x = 1.0
    assert figure.gradient == (4.0, 1.0)
    figure.expression = " x + y "
    assert figure.expression == "x + y"
    assert figure.gradient == (1.0, 1.0)
    assert figure.view.start["expression"] == "x**2 * y"


def test_a_constant_has_no_slope():
    figure = graph("2 + pi")
    assert figure.gradient == (0.0, 0.0)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"expression": "x ^ 2"}, "from character 3 on"),
        ({"expression": "__import__('os')"}, "from character 1 on"),
        ({"expression": "(lambda: 1)()"}, "can't be read"),
        ({"expression": "x" + "+x" * 50}, "101 characters"),
        ({"expression": "x" + "+x" * 13}, "13 operations"),
        ({"mode": "backward"}, "'backward'.*'reverse'"),
        ({"x": np.nan}, "x is nan"),
        ({"y": 3.5}, "between -3 and 3"),
    ],
)
def test_graph_refuses_bad_settings(setting, message):
    with pytest.raises(ValueError, match=message):
        graph(**setting)


def test_a_bad_expression_can_not_be_set_later():
    figure = graph()
    with pytest.raises(ValueError, match="can't be read"):
        figure.expression = "x +"
    assert figure.expression == "sin(x*y) + x**2"
    with pytest.raises(TraitError, match="step"):
        figure.step = -1
