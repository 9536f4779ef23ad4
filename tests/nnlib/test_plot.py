"""Pictures: the same bytes every time, in the page's colours, with real text, and no setting touched."""

import hashlib
import importlib.metadata
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import matplotlib as mpl
import matplotlib.font_manager  # builds its cache here, not in a process that must be silent
import numpy as np
import pytest
from matplotlib.figure import Figure

import nnlib
from nnlib import LogisticRegression, Neuron, Perceptron, data, heaviside, plot, relu, sigmoid, tanh

X, Y = data.blobs(40, margin=0.2, rng=0)
MODEL = LogisticRegression(l2=0.1).fit(X, Y)
TEXT = {"alt": "Two clouds and a line between them.", "caption": "**A line.** It *parts* them."}

SCRIPT = """
import hashlib, sys, warnings
warnings.simplefilter("error")
{before}
import nnlib
from nnlib import plot
X, y = nnlib.data.blobs(40, margin=0.2, rng=0)
model = nnlib.LogisticRegression(l2=0.1).fit(X, y)
figure = plot.show(lambda ax: plot.boundary(model, X, y, ax=ax), alt={alt!r}, caption={caption!r})
print(hashlib.sha256(figure.html.encode()).hexdigest())
"""


def clouds(ax):
    plot.boundary(MODEL, X, Y, ax=ax)


def curve(ax):
    z = np.linspace(-3, 3, 50)
    ax.plot(z, sigmoid(z), color=plot.INK, label="f")
    ax.plot(z, sigmoid.derivative(z), color=plot.LOSS, label=r"$f'(z)$")
    ax.text(0, 0.5, "loss < 1 & more", color=plot.LOSS)
    ax.legend()


def svgs(figure):
    return re.findall(r"<svg.*?</svg>", figure.html, flags=re.S)


def run(before="", **env):
    code = SCRIPT.format(before=before, **TEXT)
    return subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env={**os.environ, **env}
    )


def test_same_bytes_every_time():
    first = plot.show(clouds, **TEXT).html
    assert first == plot.show(clouds, **TEXT).html
    other = run(PYTHONHASHSEED="17", SOURCE_DATE_EPOCH="1")
    assert other.stdout.strip() == hashlib.sha256(first.encode()).hexdigest()
    assert "<metadata" not in first
    assert "matplotlib" not in first.lower()


def test_silent_without_the_courses_fonts():
    done = run("sys.modules['font_source_sans_pro'] = None")
    assert done.stderr == ""


def test_measured_with_the_courses_font_where_it_is():
    try:
        importlib.metadata.version("font-source-sans-pro")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("font-source-sans-pro is not installed")
    with plot.style():
        assert "Source Sans Pro" in mpl.rcParams["font.sans-serif"]


def test_two_copies_each_named_by_its_alt():
    figure = plot.show(curve, alt='A "curve" <rises> & falls.', caption="**It rises.**")
    assert len(svgs(figure)) == 2
    for svg in svgs(figure):
        root = ET.fromstring(svg)
        assert root.get("role") == "img"
        assert root.get("aria-label") == 'A "curve" <rises> & falls.'
        assert root.get("width") is root.get("height") is None
        assert "loss < 1 & more" in "".join(root.itertext())
    wide, slim = (ET.fromstring(svg).get("viewBox").split() for svg in svgs(figure))
    assert [float(v) for v in wide] == pytest.approx([0, 0, 7.6 * 72, 3.9 * 72])
    assert [float(v) for v in slim] == pytest.approx([0, 0, 3.8 * 72, 3.6 * 72])
    assert figure.html.index('class="nn-wide"') < figure.html.index('class="nn-slim"')
    assert repr(figure) == 'Figure: A "curve" <rises> & falls.'
    assert figure.alt == 'A "curve" <rises> & falls.'
    assert figure._repr_html_() == figure.html


def test_no_id_meets_another_on_the_page():
    figures = (
        plot.show(clouds, **TEXT),
        plot.show(clouds, alt="Another.", caption="Another."),
        plot.show(curve, **TEXT),
    )
    for one, two in ((0, 1), (1, 2)):
        page = figures[one].html + figures[two].html
        ids = re.findall(r'\sid="([^"]+)"', page)
        assert len(ids) == len(set(ids))
    for figure in figures:
        for svg in svgs(figure):
            ids = set(re.findall(r'\sid="([^"]+)"', svg))
            assert ids == set(re.findall(r'(?:url\(#|href="#)([^)"]+)', svg))
            assert all(re.match(r"nn-[0-9a-f]{8}-(wide|slim)-", name) for name in ids)


def test_nothing_leaks_into_the_page_or_out_of_it():
    for figure in (plot.show(clouds, **TEXT), plot.show(curve, **TEXT)):
        for svg in svgs(figure):
            assert "<style" not in svg
            assert "<script" not in svg
            assert set(re.findall(r'https?://[^"]+', svg)) == {
                "http://www.w3.org/2000/svg",
                "http://www.w3.org/1999/xlink",
            }
        assert figure.html.count("<style>") == 1
        assert all(
            re.match(r"\s*(\.nn-figure|@media|\.vscode-dark \.nn-figure|\[data-jp)", rule)
            for rule in re.findall(r"[^{},]+(?=[^{}]*\{)", re.search(r"<style>(.*?)</style>", figure.html)[1])
            if not rule.startswith("(max-width")
        )


def test_colours_are_the_pages_own():
    html = plot.show(clouds, **TEXT).html
    for name, colour in (("ink", plot.INK), ("soft", plot.SOFT), ("one", plot.ONE), ("nil", plot.NIL)):
        assert f"var(--nn-{name}, {colour.lower()})" in html
    for name, colour in (("tint0", plot.TINT_NIL), ("tint1", plot.TINT_ONE)):
        assert f"flood-color: var(--nn-{name}, {colour.lower()})" in html
    for svg in svgs(plot.show(clouds, **TEXT)):
        bare = re.sub(r"var\([^()]*\)|base64,[^\"]*", "", svg)
        assert not re.search(r"#[0-9a-fA-F]{6}\b", bare)


def test_text_is_readable_and_in_the_pages_letters():
    html = plot.show(curve, **TEXT).html
    texts = re.findall(r"<t(?:ext|span)[^>]*>", html)
    assert any("var(--nn-loss-text, #ab4a00)" in tag for tag in texts)
    assert not any("--nn-loss," in tag for tag in texts)
    assert "stroke: var(--nn-loss, #d55e00)" in html
    families = set(re.findall(r"font-family: ([^;\"]*)", html))
    assert {family.split(",")[0] for family in families} == {"var(--nn-sans", "var(--nn-serif"}
    assert ">′<" in html
    assert "cmsy10" not in html


@pytest.mark.parametrize(
    ("caption", "wanted"),
    [
        ("**Bold.** Plain.", "<b>Bold.</b> Plain."),
        ("An *italic* word, **a *b* c**.", "An <em>italic</em> word, <b>a <em>b</em> c</b>."),
        ("2*3*4 and 2 * 3 * 4", "2*3*4 and 2 * 3 * 4"),
        ("a < b & <script>", "a &lt; b &amp; &lt;script&gt;"),
        ("** no ** and **", "** no ** and **"),
    ],
)
def test_captions(caption, wanted):
    html = plot.show(lambda ax: None, alt="Nothing.", caption=caption).html
    assert f"<figcaption>{wanted}</figcaption></figure>" in html


def test_panels_stand_beside_or_below_each_other():
    sizes = []

    def draw(axes):
        assert len(axes) == 3
        sizes.append(axes[0].figure.get_size_inches().tolist())
        row = [ax.get_subplotspec().rowspan.start for ax in axes]
        assert row in ([0, 0, 0], [0, 1, 2])

    plot.show(draw, **TEXT, panels=3, slim=(3.8, 2.0))
    assert sizes == [[7.6, 3.9], [3.8, 6.0]]


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"alt": ""}, ValueError, "needs alt=: write what is drawn and what it shows"),
        ({"alt": "  \n"}, ValueError, "needs alt="),
        ({"alt": None}, TypeError, "takes alt as text, but got None"),
        ({"caption": ""}, ValueError, "needs caption=: write the figure's one point"),
        ({"panels": 0}, ValueError, "panels as a whole number from 1, but got 0"),
        ({"draw": None}, TypeError, "takes the function draw itself"),
    ],
)
def test_bad_figures(change, error, words):
    with pytest.raises(error, match=words):
        plot.show(**{"draw": curve, **TEXT, **change})


def test_the_users_settings_stay():
    with mpl.rc_context({"axes.spines.top": True, "svg.hashsalt": "mine", "font.family": ["serif"]}):
        before = dict(mpl.rcParams)
        plot.show(clouds, **TEXT)
        plot.boundary(MODEL, X, Y, ax=Figure().add_subplot())
        with pytest.raises(ZeroDivisionError):
            plot.show(lambda ax: 1 / 0, **TEXT)
        assert dict(mpl.rcParams) == before


def test_show_opens_no_window():
    code = (
        "import sys, nnlib; nnlib.plot.show(lambda ax: None, alt='a', caption='c');"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


class Only:
    """A model with one method."""

    def __init__(self, method, answer):
        setattr(self, method, answer)


def tilted(Z):
    return Z[:, 0] + 2 * Z[:, 1] - 1


@pytest.mark.parametrize(
    "model",
    [
        MODEL,
        Perceptron().fit(X, Y),
        *(Neuron([1.0, 2.0], f, b=-1.0) for f in (sigmoid, tanh, relu, heaviside)),
        tilted,
        lambda Z: sigmoid(tilted(Z)),
        lambda Z: tilted(Z)[:, None] > 0,
        Only("predict", lambda Z: (tilted(Z) > 0).astype(int)),
        Only("decision_function", tilted),
        Only("predict_proba", lambda Z: np.column_stack([sigmoid(-tilted(Z)), sigmoid(tilted(Z))])),
    ],
    ids=lambda m: getattr(m, "__name__", type(m).__name__),
)
def test_boundary_and_tint(model):
    ax = plot.boundary(model, ax=Figure().add_subplot(), xlim=(-2, 2), ylim=(-2, 2), n=81)
    nil, one = (image.get_array()[..., 3].astype(float) for image in ax.images)
    assert not np.any((nil > 0) & (one > 0))  # no place is tinted twice
    line = ax.collections[0].get_paths()[0].vertices
    if isinstance(model, LogisticRegression | Perceptron):
        np.testing.assert_allclose(model.decision_function(line), 0, atol=1e-9)
    else:
        np.testing.assert_allclose(tilted(line), 0, atol=0.1)  # a step is known to a cell
    z = model.decision_function if hasattr(model, "w_") else tilted
    cells = np.column_stack([np.tile(np.linspace(-2, 2, 81), 81), np.repeat(np.linspace(-2, 2, 81), 81)])
    above = (z(cells) > 0.3).reshape(81, 81)
    below = (z(cells) < -0.3).reshape(81, 81)
    assert one[above].min() > 0
    assert np.all(one[below] == 0)
    assert np.all(nil[above] == 0)


def test_points_by_class():
    ax = plot.boundary(MODEL, X, Y, ax=Figure().add_subplot())
    nil, one = ax.lines
    assert (nil.get_marker(), nil.get_color(), len(nil.get_xdata())) == ("s", plot.NIL, 20)
    assert (one.get_marker(), one.get_color(), len(one.get_xdata())) == ("o", plot.ONE, 20)
    np.testing.assert_array_equal(one.get_xydata(), X[Y == 1])
    (unlabeled,) = plot.boundary(MODEL, X, ax=Figure().add_subplot()).lines
    assert len(unlabeled.get_xdata()) == 40


def test_both_axes_have_one_scale_and_hold_all_points():
    for size in ((7.6, 3.9), (3.8, 3.6)):
        ax = plot.boundary(MODEL, X, Y, ax=Figure(figsize=size).add_subplot())
        (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
        assert ax.get_aspect() == 1.0
        assert left < X[:, 0].min() < X[:, 0].max() < right
        assert low < X[:, 1].min() < X[:, 1].max() < high
        box = ax.get_position()
        shape = box.width * size[0] / (box.height * size[1])
        assert (right - left) / (high - low) == pytest.approx(shape, rel=0.02)
    alone = plot.boundary(MODEL, [[1.0, 1.0]], [1], ax=Figure().add_subplot())
    np.testing.assert_allclose(alone.get_ylim(), (0.0, 2.0), atol=1e-6)


def test_limits_as_given():
    ax = plot.boundary(MODEL, X, Y, ax=Figure().add_subplot(), xlim=(-1, 2))
    assert ax.get_xlim() == (-1, 2)
    assert ax.get_ylim()[0] < X[:, 1].min()
    assert ax.get_aspect() == "auto"


def test_a_plane_of_one_colour_has_no_boundary():
    for constant in (0.0, 0.7, 5.0):
        ax = plot.boundary(lambda Z, c=constant: np.full(len(Z), c), ax=Figure().add_subplot())
        assert not ax.collections


def test_a_figure_of_its_own():
    pyplot = pytest.importorskip("matplotlib.pyplot")
    mpl.use("Agg")
    ax = plot.boundary(MODEL, X, Y)
    assert ax.figure is pyplot.gcf()
    pyplot.close(ax.figure)


@pytest.mark.parametrize(
    ("ask", "error", "words"),
    [
        (
            lambda: plot.boundary(MODEL, np.ones((3, 4)), [0, 1, 1]),
            ValueError,
            r"the plane: .* X is \(3, 4\).*X\[:, :2\]",
        ),
        (lambda: plot.boundary(MODEL, X, Y[:3]), ValueError, "40 rows and y has 3 labels"),
        (lambda: plot.boundary(MODEL, X, Y + 1), ValueError, "takes labels 0 and 1"),
        (lambda: plot.boundary(MODEL, y=Y), ValueError, "labels y without points X"),
        (
            lambda: plot.boundary(MODEL, xlim=(1, 0)),
            ValueError,
            r"takes xlim=\(left, right\), two rising numbers",
        ),
        (lambda: plot.boundary(MODEL, ylim=3), ValueError, "takes ylim="),
        (lambda: plot.boundary(MODEL, n=1), ValueError, "n as a whole number from 2"),
        (lambda: plot.boundary("model"), TypeError, "not 'model', which has no predict_proba"),
        (lambda: plot.boundary(lambda Z: 1.0), ValueError, r"a call returned \(\).*rows \(k, 2\)"),
        (lambda: plot.boundary(lambda Z: Z), ValueError, r"a call returned \(40000, 2\)"),
        (lambda: plot.boundary(lambda Z: Z[:, 0] * np.nan), ValueError, "from a call holds NaN or infinity"),
        (lambda: plot.boundary(Perceptron()), nnlib.NotFittedError, "call fit"),
        (lambda: plot.boundary(Neuron([1.0, 2.0, 3.0])), ValueError, "inputs of size 3"),
    ],
)
def test_bad_planes(ask, error, words):
    mpl.use("Agg")
    with pytest.raises(error, match=words):
        ask()
    assert not mpl._pylab_helpers.Gcf.figs  # a refused picture leaves no empty figure behind
