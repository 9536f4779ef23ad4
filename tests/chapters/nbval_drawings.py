"""Lets nbval compare texts and leave drawings: a figure is saved as an image, and shown by a kernel as HTML.

Its text alternative is text/plain, and is compared like every other text.
"""

from __future__ import annotations

import pytest

DRAWINGS = ("text/html", "image/svg+xml")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Add drawings to what nbval does not compare."""
    for notebook in {item.parent for item in items}:
        notebook.skip_compare = (*notebook.skip_compare, *DRAWINGS)
