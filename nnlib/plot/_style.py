"""The course's colours and its matplotlib style, put on for one figure at a time."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

INK, SOFT, RULE = "#1d1b18", "#5d584f", "#ddd8cd"
ONE, NIL = "#E69F00", "#0072B2"
ONE_EDGE, NIL_EDGE = "#6e4b00", "#003556"
PAPER = "#fdfcf9"
LOSS, BACK = "#D55E00", "#7B3294"
TINT_NIL, TINT_ONE = "#7db4d9", "#f3c872"
PAPER = "#fdfcf9"

LOSS_TEXT = "#ab4a00"

TOKENS = {
    INK: "ink",
    SOFT: "soft",
    RULE: "rule",
    ONE: "one",
    NIL: "nil",
    ONE_EDGE: "one-edge",
    NIL_EDGE: "nil-edge",
    LOSS: "loss",
    LOSS_TEXT: "loss-text",
    BACK: "back",
    TINT_NIL: "tint0",
    TINT_ONE: "tint1",
    PAPER: "paper",
}
"""The CSS variable, without its --nn-, that stands for each colour on the page."""
TOKENS = {colour.lower(): name for colour, name in TOKENS.items()}  # as matplotlib writes them

READABLE = {LOSS.lower(): LOSS_TEXT, ONE.lower(): ONE_EDGE}
"""Colours that are too pale for text on paper, and what text takes instead."""

DARK = {
    "ink": "#e8e6e1",
    "soft": "#a9a79f",
    "rule": "#333b45",
    "one": "#f2b134",
    "nil": "#4aa8e0",
    "one-edge": "#fff0cc",
    "nil-edge": "#dcf0fc",
    "loss": "#ff8544",
    "loss-text": "#ff9a63",
    "back": "#cf9be4",
    "tint0": "#17527d",
    "tint1": "#7d5710",
    "paper": "#11151a",
}
"""The same variables on a dark page."""

SHEET = Path(__file__).with_name("nnlib.mplstyle")


@contextmanager
def style() -> Iterator[None]:
    """Put the course's style on inside a ``with`` block, and leave the user's settings as they were.

    Examples
    --------
    >>> import matplotlib
    >>> before = matplotlib.rcParams["axes.spines.top"]
    >>> with style():
    ...     matplotlib.rcParams["axes.spines.top"]
    False
    >>> matplotlib.rcParams["axes.spines.top"] == before
    True
    """
    from matplotlib import style as sheets

    with sheets.context([str(SHEET), {"font.sans-serif": _sans()}]):
        yield


@cache
def _sans() -> list[str]:
    """Return the fonts to measure text with: naming one that is missing would print a warning a figure."""
    from matplotlib import font_manager

    manager = font_manager.fontManager
    package = importlib.util.find_spec("font_source_sans_pro")
    if package is not None and package.origin is not None:
        for cut in ("Regular", "It", "Semibold", "SemiboldIt", "Bold"):
            path = Path(package.origin).with_name("files") / f"SourceSansPro-{cut}.ttf"
            if path.is_file():
                manager.addfont(str(path))
    known = {font.name for font in manager.ttflist}
    wanted = ("Source Sans 3", "Source Sans Pro")
    return [*(name for name in wanted if name in known), "DejaVu Sans"]
