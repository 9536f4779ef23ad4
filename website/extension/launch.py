"""The ways to run a page: the button that runs it in the browser, and the menu of the other places."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from docutils import nodes

from website import launch

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config


def look(app: Sphinx, config: Config) -> None:
    """Note where the source is, and whether the site carries Python for the browser; a change writes all pages again."""
    file = Path(app.srcdir) / "_config.yml"  # the theme hears of the repository only with its own buttons on
    book = yaml.safe_load(file.read_text(encoding="utf-8")) if file.is_file() else {}
    config.nn_repository = launch.Launch.of(book or {}).repository
    config.nn_lite = (Path(app.outdir) / "lite" / "notebooks" / "index.html").is_file()


def page(
    app: Sphinx, name: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Set what article-header-buttons.html reads, on pages that have a notebook."""
    if not name.startswith("chapters/"):
        return
    root = "../" * name.count("/")
    places = launch.Launch(app.config.nn_repository)
    context["launch"] = {
        "notebook": f"{root}notebooks/{name}.ipynb",
        "browser": launch.browser(name, root) if app.config.nn_lite else None,
        "elsewhere": [
            (title, address)
            for title, address in (("Colab", places.colab(name)), ("Binder", places.binder(name)))
            if address
        ],
        "page": f"{root}running.html",
    }


def setup(app: Sphinx) -> None:
    """Look first, then fill the context of each page."""
    app.add_config_value("nn_lite", False, "env", types=(bool,))
    app.add_config_value("nn_repository", "", "env", types=(str,))
    app.connect("config-inited", look)
    app.connect("html-page-context", page, priority=950)
