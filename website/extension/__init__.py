"""The Sphinx extension of the book; _config.yml names it. Each module of this folder adds one thing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from website.extension import cards, checks, execution, launch, mathematics, pages, tabs, theme

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, Any]:
    """Set up every part."""
    for part in (execution, mathematics, cards, pages, tabs, launch, checks, theme):
        part.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
