"""Code cells side by side in tabs: neighbours that carry ``:tab: name`` share one set of tabs.

What a tab shows is a cell of the notebook, so it has been executed::

    ```{code-cell} ipython3
    :tab: PyTorch
    import torch
    ```

The tabs are those of sphinx-design: radio buttons and style, no script. A student notebook has the same cells below each
other, each under its name.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx_design.shared import create_component

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def tab_of(node: nodes.Node) -> str:
    """Return the name of the tab that a node belongs to, or nothing."""
    return str(node.get("cell_metadata", {}).get("tab", "")) if isinstance(node, nodes.container) else ""


class Tabs(SphinxPostTransform):
    """Puts neighbouring cells with a tab into one set, before sphinx-design writes its sets."""

    default_priority = 150
    formats = ("html",)

    def run(self, **options: Any) -> None:
        """Find the first cell of each set, and gather the rest."""
        parents = {cell.parent: None for cell in self.document.findall(nodes.container) if tab_of(cell)}
        for parent in parents:
            children: list[nodes.Node] = []
            for tabbed, group in groupby(parent.children, lambda child: bool(tab_of(child))):
                cells = list(group)
                children += [tab_set(cells)] if tabbed else cells
            parent.children = []
            parent += children


def tab_set(cells: list[nodes.Node]) -> nodes.container:
    """Return sphinx-design's nodes for a set of tabs; the first one is open."""
    box: nodes.container = create_component("tab-set", classes=["sd-tab-set"])
    for place, cell in enumerate(cells):
        item = create_component("tab-item", classes=["sd-tab-item"], selected=place == 0)
        item += nodes.rubric("", "", nodes.Text(tab_of(cell)), classes=["sd-tab-label"])
        item += create_component("tab-content", children=[cell], classes=["sd-tab-content"])
        box += item
    return box


def setup(app: Sphinx) -> None:
    """Register the transform."""
    app.add_post_transform(Tabs)
