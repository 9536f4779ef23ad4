"""Figures that follow the page: drawn once for a column and once for a phone, as SVG with real text.

The colours are CSS variables with the course's colours to fall back on: dark mode needs no second figure.
"""

from __future__ import annotations

import hashlib
import html
import io
import re
from collections.abc import Callable
from typing import Any

from nnlib._checks import whole
from nnlib.plot._style import DARK, READABLE, TINT_NIL, TINT_ONE, TOKENS, style

SANS = "'Source Sans 3', 'Source Sans Pro', 'DejaVu Sans', sans-serif"
SLIM_BELOW = 600  # CSS pixels: the width of the window below which the phone's copy shows
CSS = (
    ".nn-figure{margin:12px 0;max-width:760px}"
    ".nn-figure svg{display:block;width:100%;height:auto;overflow:visible}"
    ".nn-figure figcaption{margin-top:10px;max-width:660px}"
    ".nn-figure .nn-slim{display:none}"
    f"@media(max-width:{SLIM_BELOW}px)"
    "{.nn-figure .nn-slim{display:block}.nn-figure .nn-wide{display:none}}"
    # JupyterLab and VS Code have no course style sheet: dark themes get the dark colours from here
    "[data-jp-theme-light=false] .nn-figure,.vscode-dark .nn-figure{"
    + "".join(f"--nn-{name}:{colour};" for name, colour in DARK.items())
    + "}"
)


class Figure:
    """A finished figure; a notebook shows it, a plain terminal prints its alt text.

    Attributes
    ----------
    html : str
        The `<figure>` with both copies and the caption.
    alt : str
        The text for who can't see it.
    """

    def __init__(self, html: str, alt: str) -> None:
        self.html = html
        self.alt = alt

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return f"Figure: {self.alt}"


def show(
    draw: Callable[[Any], object],
    *,
    alt: str,
    caption: str,
    wide: tuple[float, float] = (7.6, 3.9),
    slim: tuple[float, float] = (3.8, 3.6),
    panels: int = 1,
) -> Figure:
    """Draw a figure twice, for the column and for a phone, and return it as inline SVG.

    Parameters
    ----------
    draw : callable
        Draws the figure: ``draw(ax)`` on one matplotlib Axes, or ``draw(axes)`` on an array of `panels` Axes.
        It is called twice: take random numbers before, and change nothing else.
    alt : str
        What the figure shows, for who can't see it. A sentence or two that give its point.
    caption : str
        The point of the figure, for all. ``**bold**`` and ``*italic*`` are understood.
    wide : tuple of float, default (7.6, 3.9)
        Width and height in inches in the column; 7.6 is its full width.
    slim : tuple of float, default (3.8, 3.6)
        Width and height in inches of one panel on a phone.
    panels : int, default 1
        Number of panels: side by side in the column, one below the other on a phone.

    Returns
    -------
    Figure
        Shown by a notebook as the last value of a cell.

    Raises
    ------
    ValueError
        `alt` or `caption` is empty, or `panels` is no whole number from 1.
    TypeError
        `draw` is not callable, or `alt` or `caption` is no text.

    Examples
    --------
    >>> from nnlib import plot, sigmoid
    >>> import numpy as np
    >>> z = np.linspace(-6, 6, 100)
    >>> def draw(ax):
    ...     _ = ax.plot(z, sigmoid(z))
    >>> plot.show(draw, alt="The sigmoid climbs from 0 to 1.", caption="**A smooth step.**")
    Figure: The sigmoid climbs from 0 to 1.
    """
    if not callable(draw):
        raise TypeError(f"plot.show takes the function draw itself and calls it twice, but got {draw!r}.")
    _written(alt, "alt", "what is drawn and what it shows, in a sentence or two, for who can't see it")
    _written(caption, "caption", "the figure's one point; **bold** for its first words")
    panels = whole(panels, "panels", "plot.show", least=1)
    salt = hashlib.sha256(f"{alt}\0{caption}".encode()).hexdigest()[:8]
    copies = [
        f'<div class="nn-{name}">{_svg(draw, size, grid, alt, f"nn-{salt}-{name}")}</div>'
        for name, size, grid in (
            ("wide", wide, (1, panels)),
            ("slim", (slim[0], slim[1] * panels), (panels, 1)),
        )
    ]
    legend = f"<figcaption>{_inline(caption)}</figcaption>"
    return Figure(f'<figure class="nn-figure"><style>{CSS}</style>{"".join(copies)}{legend}</figure>', alt)


def _written(text: Any, name: str, what: str) -> None:
    if not isinstance(text, str):
        raise TypeError(f"plot.show takes {name} as text, but got {text!r}.")
    if not text.strip():
        raise ValueError(f"plot.show needs {name}=: write {what}.")


def _svg(
    draw: Callable[[Any], object], size: tuple[float, float], grid: tuple[int, int], alt: str, salt: str
) -> str:
    import matplotlib as mpl
    from matplotlib.figure import Figure as Canvas

    with style(), mpl.rc_context({"svg.hashsalt": salt}):
        fig = Canvas(figsize=size)
        axes = fig.subplots(*grid, squeeze=False).ravel()
        draw(axes[0] if len(axes) == 1 else axes)
        buffer = io.StringIO()
        fig.savefig(buffer, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    return _tidy(buffer.getvalue(), alt, salt)


def _tidy(svg: str, alt: str, salt: str) -> str:
    """Turn matplotlib's file into an element of the page."""
    svg = svg[svg.index("<svg") :].strip()
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", svg, flags=re.S)
    svg = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", svg, flags=re.S)  # it would restyle the page
    svg = re.sub(r'\s(width|height)="[\d.]+pt"', "", svg, count=2)
    svg = re.sub(r' transform="rotate\(-0 [^"]*"', "", svg)
    svg = re.sub(r' (d|x|y)="([^"]*)"', lambda m: f' {m[1]}="{_short(m[2])}"', svg)
    svg = re.sub(r">\s+<", "><", svg)
    svg = re.sub(r"(?<=base64,)\s+", "", svg)
    svg = _own_ids(_own_tints(svg), salt)
    svg = PRIME.sub(_prime, svg)
    svg = re.sub(r"<t(?:ext|span)\b[^>]*>", lambda m: _text_style(m[0]), svg)
    svg = re.sub("|".join(TOKENS), lambda m: f"var(--nn-{TOKENS[m[0]]}, {m[0]})", svg)
    label = html.escape(alt, quote=True)
    head = f'<svg role="img" aria-label="{label}" style="stroke-linejoin:round;stroke-linecap:butt" '
    return svg.replace("<svg ", head, 1)


def _short(numbers: str) -> str:
    """Round to a hundredth of a point, and write on one line."""
    numbers = " ".join(numbers.split())
    return re.sub(r"-?\d+\.\d+", lambda m: f"{float(m[0]):.2f}".rstrip("0").rstrip("."), numbers)


def _own_tints(svg: str) -> str:
    """Let the page colour a tinted plane: each half is an image whose opacity a filter floods with the tint."""
    filters = ""
    for name, colour in (("tint0", TINT_NIL), ("tint1", TINT_ONE)):
        image = re.compile(rf' id="nn-{name}"([^>]*?)(?: style="[^"]*")?/>')  # its style forbids smoothing
        svg, found = image.subn(rf' filter="url(#{name})"\1/>', svg)
        if found:
            filters += (
                f'<filter id="{name}" x="0" y="0" width="1" height="1" color-interpolation-filters="sRGB">'
                f'<feFlood style="flood-color: {colour}"/>'
                '<feComposite operator="in" in2="SourceGraphic"/></filter>'
            )
    return svg.replace(">", f"><defs>{filters}</defs>", 1) if filters else svg


def _own_ids(svg: str, salt: str) -> str:
    """Drop every id that nothing refers to, and make the others this figure's own."""
    used = set(re.findall(r'(?:url\(#|href="#)([^)"]+)', svg))
    svg = re.sub(r'\sid="([^"]+)"', lambda m: f' id="{salt}-{m[1]}"' if m[1] in used else "", svg)
    return re.sub(r'(url\(#|href="#)', rf"\g<1>{salt}-", svg)


PRIME = re.compile(r' y="([^"]+)" style="font-size: ([\d.]+)px; font-family: \'cmsy10\'([^"]*)">0<')


def _prime(m: re.Match[str]) -> str:
    """Write f' with a real prime: matplotlib takes a raised 0 of a font that has the sign in its place."""
    y, size = float(m[1]), float(m[2])
    font = f"font-size: {size / 0.7:.2f}px; font-family: 'DejaVu Serif'{m[3]}"
    return f' y="{y + 0.59 * size:.2f}" style="{font}">′<'


def _text_style(tag: str) -> str:
    """Set text in the page's letters, and coloured text in the shades that can be read on paper."""
    tag = re.sub(r"'DejaVu Serif[^;\"]*", "var(--nn-serif, 'DejaVu Serif', Georgia, serif)", tag)
    tag = re.sub(r"'(?:Source Sans|DejaVu Sans)[^;\"]*", f"var(--nn-sans, {SANS})", tag)
    for colour, readable in READABLE.items():
        tag = tag.replace(colour, readable)
    return tag


def _inline(caption: str) -> str:
    """Turn ``**bold**`` and ``*italic*`` into HTML and escape all else."""
    text = html.escape(caption.strip(), quote=False)
    text = re.sub(r"\*\*(?=\S)(.+?)(?<=\S)\*\*", r"<b>\1</b>", text, flags=re.S)
    return re.sub(r"(?<![\w*])\*(?=[^\s*])(.+?)(?<=[^\s*])\*(?![\w*])", r"<em>\1</em>", text, flags=re.S)
