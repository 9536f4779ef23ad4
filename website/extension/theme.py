"""The theme, made quiet and self-contained: own header buttons, icons drawn into the page, no request to another host."""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.errors import ExtensionError

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ICON = re.compile(r'<(i|span) class="([^"]*\bfa-[a-z0-9-]+[^"]*)"([^>]*)></\1>')
STYLES = {"fa-solid", "fa-brands", "fa-regular", "fa-lg", "fa-sm", "fa-xs", "fa-2x", "fa-fw"}
FONT_AWESOME = re.compile(
    r"\s*<!-- So that users can add custom icons -->\s*<script[^>]*fontawesome\.js[^>]*></script>"
)
BLOCKING = re.compile(r'<script (?![^>]*(?:defer|type="module"|documentation_options))(?=[^>]*\bsrc=)')
#: Until its script runs, the theme calls light and dark "auto", and the page has neither's colours nor sizes.
UNDECIDED = 'document.documentElement.dataset.theme = localStorage.getItem("theme") || "auto";'
DECIDED = """document.documentElement.dataset.theme = document.documentElement.dataset.mode !== "auto"
      ? document.documentElement.dataset.mode
      : matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";"""
#: The two fonts that the first screen of every page is set in.
FIRST_FONTS = ("source-serif-4-latin-wght-normal", "source-sans-3-latin-wght-normal")
#: The sources have their titles in italics, and would jump when these arrive late.
ITALICS = "source-serif-4-latin-wght-italic"


def page(
    app: Sphinx, name: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Set what the templates of a page read."""
    root = "../" * name.count("/")
    # sphinx-thebe adds a script, inline, that names another host; this site runs Python elsewhere.
    context["script_files"] = [
        s for s in context.get("script_files", []) if "thebe" not in f"{s!r}{vars(s)}".lower()
    ]
    preload = "".join(
        f'<link rel="preload" as="font" type="font/woff2" href="{root}_static/fonts/{f}.woff2" crossorigin>\n'
        for f in (*FIRST_FONTS, *((ITALICS,) if name == "bibliography" else ()))
    )
    context["metatags"] = context.get("metatags", "") + preload


def _svg(icons: dict[str, Any], file: Path, icon: re.Match[str]) -> str:
    classes, attributes = icon[2], icon[3]
    names = [c[3:] for c in classes.split() if c.startswith("fa-") and c not in STYLES]
    for name in names:
        if name in icons:
            i = icons[name]
            return (
                f'<svg class="{classes} nn-icon" aria-hidden="true"{attributes} viewBox="0 0 {i["width"]} {i["height"]}">'
                f'<path fill="currentColor" d="{i["d"]}"/></svg>'
            )
    raise ExtensionError(f"{file.name}: no icon is named {' or '.join(names)!r}.")


def finish(app: Sphinx, exception: Exception | None) -> None:
    """Draw the icons into each page (the theme would load 1.4 MB of script for them)."""
    if exception is not None or app.builder.name != "html":
        return
    out = Path(app.outdir)
    icons = json.loads((out / "_static" / "icons.json").read_text(encoding="utf-8"))
    for file in out.rglob("*.html"):
        if {"lite", "_static"} & set(file.relative_to(out).parts):
            continue
        html = file.read_text(encoding="utf-8")
        if UNDECIDED not in html and DECIDED not in html:
            raise ExtensionError(f"{file.name}: the theme no longer sets light or dark by {UNDECIDED}")
        html = html.replace(UNDECIDED, DECIDED)
        draw = functools.partial(_svg, icons, file)
        drawn = ICON.sub(draw, FONT_AWESOME.sub("", html))
        # Scripts of the head wait for the page; they keep their order.
        drawn = BLOCKING.sub("<script defer ", drawn)
        # docutils gives a bibliography's entries a role that ARIA 1.3 withdrew, and that its own list may not hold.
        drawn = drawn.replace('role="doc-biblioentry"', 'role="listitem"')
        file.write_text(drawn, encoding="utf-8")
    for unused in ("fontawesome.js", "fontawesome.js.map"):
        (out / "_static" / "scripts" / unused).unlink(missing_ok=True)


def setup(app: Sphinx) -> None:
    """Run after the theme has filled its context."""
    app.connect("html-page-context", page, priority=950)
    app.connect("build-finished", finish, priority=900)
